from itertools import pairwise

from earshot.transcript.sentences import split_sentences
from earshot.transcript.words import Word
from earshot.understanding.sections import MAX_WORDS, MIN_WORDS, divide_into_sections

SENTENCE = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen end."


def words_of(text: str, *, start_ms: int = 0) -> list[Word]:
    return [
        Word(token, start_ms + 300 * i, start_ms + 300 * i + 250, 0.9)
        for i, token in enumerate(text.split())
    ]


def test_prose_has_sections_of_five_to_seven_sentences() -> None:
    sections = divide_into_sections(split_sentences(words_of(f"{SENTENCE} " * 40)))
    assert {len(section.sentences) for section in sections[:-1]} <= {5, 6, 7}
    assert [section.first for section in sections][:2] == [0, len(sections[0].sentences)]


def test_every_sentence_is_in_one_section_and_they_are_numbered_in_order() -> None:
    sentences = split_sentences(words_of(f"Yes. No, not at all. {SENTENCE} " * 30))
    sections = divide_into_sections(sentences)
    assert [one for section in sections for one in section.sentences] == sentences
    assert sections[0].first == 0
    assert sections[-1].last == len(sentences) - 1
    for before, after in pairwise(sections):
        assert after.first == before.last + 1


def test_a_long_pause_ends_a_section_that_has_enough_to_say() -> None:
    before = words_of(f"{SENTENCE} " * 3)
    after = words_of(f"{SENTENCE} " * 3, start_ms=before[-1].end_ms + 3000)
    sections = divide_into_sections(split_sentences([*before, *after]))
    assert [len(section.sentences) for section in sections] == [3, 3]


def test_a_short_rest_belongs_to_what_was_said_before() -> None:
    sections = divide_into_sections(split_sentences(words_of(f"{SENTENCE} " * 5 + "Thank you.")))
    assert len(sections) == 1
    assert sections[0].text.endswith("Thank you.")


def test_sections_are_bounded_and_what_is_short_is_one_section() -> None:
    sentences = split_sentences(words_of(f"{SENTENCE} " * 60))
    for section in divide_into_sections(sentences):
        assert len(section.text.split()) <= MAX_WORDS + MIN_WORDS
    assert [one.text for one in divide_into_sections(split_sentences(words_of("Yes.")))] == ["Yes."]
    assert divide_into_sections([]) == []
