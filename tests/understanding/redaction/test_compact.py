"""Text without blanks, marks and case."""

from earshot.understanding.entities.reading import read_words
from earshot.understanding.redaction.compact import (
    compact,
    compact_reading,
    compact_words,
    digits_of,
)
from tests.understanding.saying import say


def test_case_accents_and_marks_go_and_meaning_stays() -> None:
    assert compact("O\u2019Brien,") == compact("o'brien") == "obrien"
    assert compact("Jose\u0301") == compact("Jos\u00e9") == "jose"
    assert compact("C#") != compact("C")


def test_only_whole_parts_are_found() -> None:
    words = say("the blue-sky plan of Acme's team")
    text = compact_words(words, range(len(words)))
    assert list(text.find("bluesky")) == [(1,)]
    assert list(text.find("acme")) == [(4,)]
    assert list(text.find("lan")) == []
    assert list(text.find("")) == []


def test_a_reading_is_found_by_what_was_said() -> None:
    words = say("say four two four two now")
    reading = read_words(words)
    assert list(compact_reading(reading, range(6)).find("4242")) == [(1, 2, 3, 4)]
    assert list(digits_of(reading, [5, 6, 7, 8, 9, 10]).find("424")) == [(6, 7, 8)]


def test_places_that_overlap_are_found_as_one_by_one() -> None:
    text = compact_words(say("one one two one two blue-sky one"), range(7))
    wanted = ["one", "onetwo", "twoone", "bluesky", "sky", "ne", ""]
    one_by_one = {index for one in wanted for place in text.find(one) for index in place}
    assert set(text.find_all(wanted)) == one_by_one == set(range(7))
    assert list(text.find_all(["ne", "three"])) == []
