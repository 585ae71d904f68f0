from earshot.exports.paragraphs import MAX_CHARS, MAX_SPEAKING_MS, split_paragraphs
from earshot.transcript.sentences import split_sentences
from earshot.transcript.words import Word

SENTENCE = "Here is one more sentence of a middling length for you."  # 11 words, 54 characters


def say(
    text: str, *, start_ms: int = 0, speaker: str | None = None, word_ms: int = 300
) -> list[Word]:
    tokens = text.split()
    return [
        Word(token, start_ms + i * word_ms, start_ms + (i + 1) * word_ms - 10, 0.5, speaker)
        for i, token in enumerate(tokens)
    ]


def test_short_text_is_one_paragraph() -> None:
    words = say(f"{SENTENCE} {SENTENCE}")
    (paragraph,) = split_paragraphs(words)
    assert paragraph.words == tuple(words)
    assert paragraph.text == f"{SENTENCE} {SENTENCE}"
    assert (paragraph.start_ms, paragraph.end_ms, paragraph.confidence) == (0, 6_590, 0.5)


def test_no_words_are_no_paragraphs() -> None:
    assert split_paragraphs([]) == []


def test_a_paragraph_is_bounded_in_text() -> None:
    paragraphs = split_paragraphs(say(" ".join([SENTENCE] * 60), word_ms=100))
    assert len(paragraphs) > 1
    assert all(len(paragraph.text) <= MAX_CHARS for paragraph in paragraphs)


def test_a_paragraph_is_bounded_in_speaking_time() -> None:
    paragraphs = split_paragraphs(say(" ".join([SENTENCE] * 30), word_ms=1_000))
    assert all(item.end_ms - item.start_ms <= MAX_SPEAKING_MS for item in paragraphs)


def test_a_long_pause_begins_a_paragraph_once_there_is_a_body() -> None:
    first = say(" ".join([SENTENCE] * 3))
    second = say(SENTENCE, start_ms=first[-1].end_ms + 2_500)
    assert [item.start_ms for item in split_paragraphs(first + second)] == [0, second[0].start_ms]


def test_a_long_pause_after_a_few_words_begins_none() -> None:
    first = say("Well now.")
    assert len(split_paragraphs(first + say(SENTENCE, start_ms=first[-1].end_ms + 2_500))) == 1


def test_a_change_of_speaker_begins_a_paragraph() -> None:
    words = say("Hello.", speaker="A") + say("Hi.", speaker="B", start_ms=1_000)
    assert [item.speaker for item in split_paragraphs(words)] == ["A", "B"]


def test_paragraphs_are_made_of_all_sentences_in_order() -> None:
    words = say(" ".join([SENTENCE] * 40))
    joined = [sentence for item in split_paragraphs(words) for sentence in item.sentences]
    assert joined == split_sentences(words)
    assert split_paragraphs(words)[0].channel is None
