"""Matches of patterns as candidates."""

from earshot.understanding.entities.candidates import (
    Candidate,
    Evidence,
    compile_pattern,
    find_pattern,
)
from earshot.understanding.entities.reading import read_words
from tests.understanding.saying import say


def test_the_named_part_is_the_candidate_and_the_check_can_refuse_it() -> None:
    reading = read_words(say("code ab12 and code cd34"))
    pattern = compile_pattern(r"CODE[ ](?P<it>\w+)")
    found = find_pattern(reading, pattern, "password", Evidence.CUE, lambda text: text != "cd34")
    assert list(found) == [Candidate("password", 5, 9, Evidence.CUE)]
