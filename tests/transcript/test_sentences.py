from hypothesis import given
from hypothesis import strategies as st

from earshot.transcript.sentences import (
    MAX_PUNCTUATED_WORDS,
    MAX_UNPUNCTUATED_WORDS,
    split_by_speaker,
    split_sentences,
)
from earshot.transcript.words import Word

WORD_MS = 300
GAP_MS = 20


def say(text: str, *, speaker: str | None = None, start_ms: int = 0) -> list[Word]:
    """Each word takes 300 ms, 20 ms apart; a "|" is a pause of a second."""
    words: list[Word] = []
    for token in text.split():
        if token == "|":
            start_ms += 1_000
            continue
        words.append(Word(token, start_ms, start_ms + WORD_MS, 0.9, speaker))
        start_ms += WORD_MS + GAP_MS
    return words


def texts(words: list[Word]) -> list[str]:
    return [sentence.text for sentence in split_sentences(words)]


def test_sentences_end_at_full_stops_and_not_at_abbreviations() -> None:
    words = say('Mr. Smith left the U.S. He paid $3.50. "Why?" she asked. Nobody knew...')
    assert texts(words) == [
        "Mr. Smith left the U.S.",
        "He paid $3.50.",
        '"Why?" she asked.',
        "Nobody knew...",
    ]


def test_a_number_that_counts_an_item_stays_with_the_item() -> None:
    assert texts(say("1. Open it. 2. Close it.")) == ["1. Open it.", "2. Close it."]


def test_a_sentence_has_the_times_and_the_mean_confidence_of_its_words() -> None:
    words = [Word("Hello", 100, 400, 0.5, "A", 2), Word("there.", 450, 700, 1.0, "A", 2)]
    (sentence,) = split_sentences(words)
    assert (sentence.start_ms, sentence.end_ms, sentence.confidence) == (100, 700, 0.75)
    assert (sentence.speaker, sentence.channel) == ("A", 2)


def test_no_words_are_no_sentences() -> None:
    assert split_sentences([]) == []


def test_words_without_punctuation_are_split_at_pauses() -> None:
    words = say("so we went home | then it rained | and stopped")
    assert texts(words) == ["so we went home", "then it rained", "and stopped"]


def test_words_without_punctuation_or_pauses_are_split_by_length() -> None:
    lengths = [len(text.split()) for text in texts(say("word " * 150))]
    assert sum(lengths) == 150
    assert max(lengths) <= MAX_UNPUNCTUATED_WORDS
    assert min(lengths) >= MAX_UNPUNCTUATED_WORDS // 4


def test_a_sentence_in_which_the_full_stops_were_lost_is_split() -> None:
    words = say("word " * (2 * MAX_PUNCTUATED_WORDS) + "end.")
    assert all(len(text.split()) <= MAX_PUNCTUATED_WORDS for text in texts(words))


def test_a_pause_inside_a_punctuated_sentence_does_not_split_it() -> None:
    assert texts(say("I think | that it works.")) == ["I think that it works."]


def test_a_change_of_speaker_ends_a_sentence() -> None:
    words = say("I think that", speaker="A") + say("No.", speaker="B", start_ms=2_000)
    assert texts(words) == ["I think that", "No."]


def test_people_who_talk_at_once_on_two_channels_keep_their_sentences_whole() -> None:
    words = [
        Word("How", 0, 200, 0.9, "1", 1),
        Word("Oh", 100, 300, 0.9, "2", 2),
        Word("are", 200, 400, 0.9, "1", 1),
        Word("hello.", 300, 500, 0.9, "2", 2),
        Word("you?", 400, 600, 0.9, "1", 1),
    ]
    assert texts(words) == ["How are you?", "Oh hello."]


def test_stretches_of_one_speaker_are_kept_in_order() -> None:
    words = say("a b", speaker="A") + say("c", speaker="B") + say("d", speaker="A")
    stretches = split_by_speaker(words)
    assert [[word.text for word in stretch] for stretch in stretches] == [["a", "b"], ["c"], ["d"]]


TOKENS = st.sampled_from(["so", "He", "Mr.", "U.S.", "end.", "what?", "and...", '"Go."', "5", "|"])


@given(st.lists(TOKENS, max_size=60))
def test_every_word_is_in_exactly_one_sentence_in_order(tokens: list[str]) -> None:
    words = say(" ".join(tokens))
    sentences = split_sentences(words)
    assert [word for sentence in sentences for word in sentence.words] == words
    assert all(sentence.words for sentence in sentences)
