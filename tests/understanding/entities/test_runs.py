"""Runs of digits."""

import pytest

from earshot.understanding.entities.reading import read_words
from earshot.understanding.entities.runs import digit_runs, part_of, parts_of, ways_to_part
from tests.understanding.saying import say


@pytest.mark.parametrize(
    "text", ["4111-1111", "(41) 11 1111", "4 1 1 1 , 1 1 1 1", "4 1 1-1 1 1 1 1"]
)
def test_groups_with_marks_between_are_one_number(text: str) -> None:
    (run,) = digit_runs(read_words(say(text)))
    assert run.digits == "41111111"


@pytest.mark.parametrize("text", ["$4111", "3/4/1980", "12:30", "4,111,111", "12%", "abc123"])
def test_amounts_dates_and_times_are_none(text: str) -> None:
    assert list(digit_runs(read_words(say(text)))) == []


def test_a_part_is_of_whole_groups() -> None:
    (run,) = digit_runs(read_words(say("12 345 67")))
    assert [digits for digits, _, _ in parts_of(run, range(5, 6))] == ["12345", "34567"]


def test_a_run_may_be_several_numbers() -> None:
    (run,) = digit_runs(read_words(say("212-555-0143, 212-555-0144")))
    ways = [[part.text for part in parts] for parts in ways_to_part(run)]
    assert ways[0] == ["212-555-0143, 212-555-0144"]
    assert ["212-555-0143", "212-555-0144"] in ways


def test_a_number_that_was_said_twice_falls_in_two() -> None:
    (run,) = digit_runs(read_words(say("1 2 3 1 2 3")))
    assert [[part.digits for part in parts] for parts in ways_to_part(run)] == [
        ["123123"],
        ["123", "123"],
    ]


def test_a_part_has_its_groups() -> None:
    (run,) = digit_runs(read_words(say("12 345 67")))
    assert part_of(run, 3, 9).digits == "34567"
