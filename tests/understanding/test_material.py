from earshot.transcript.sentences import split_sentences
from earshot.transcript.words import Word
from earshot.understanding.material import pack, parts_of

SAID = [("A", "Hello."), ("A", "Yes?"), ("B", "Smoke."), ("A", "Oh!")]


def words_of(pairs: list[tuple[str | None, str]], channel: int | None = None) -> list[Word]:
    return [
        Word(text, 300 * i, 300 * i + 250, 0.9, speaker, channel)
        for i, (speaker, text) in enumerate(pairs)
    ]


def test_what_a_speaker_says_in_a_row_is_a_line() -> None:
    sentences = split_sentences(words_of([*SAID]))
    (part,) = parts_of(sentences)
    assert part == "Speaker A: Hello. Yes?\nSpeaker B: Smoke.\nSpeaker A: Oh!"


def test_without_speakers_there_are_channels_or_nothing() -> None:
    assert parts_of(split_sentences(words_of([(None, "Hello.")], 2))) == ["Channel 2: Hello."]
    assert parts_of(split_sentences(words_of([(None, "Hello.")]))) == ["Hello."]


def test_parts_are_cut_between_lines() -> None:
    sentences = split_sentences(words_of([*SAID]))
    parts = parts_of(sentences, max_chars=45)
    assert parts == ["Speaker A: Hello. Yes?\nSpeaker B: Smoke.", "Speaker A: Oh!"]
    assert parts_of([], max_chars=40) == []


def test_a_line_that_is_too_long_is_cut_inside() -> None:
    sentences = split_sentences(words_of([(None, "a" * 25)]))
    assert parts_of(sentences, max_chars=10) == ["a" * 10, "a" * 10, "a" * 5]


def test_lines_of_any_kind_are_packed_alike() -> None:
    assert pack(["one", "two", "three"], max_chars=7) == ["one\ntwo", "three"]
