"""Runs of digits."""

import pytest

from earshot.understanding.entities.reading import read_words
from earshot.understanding.entities.runs import digit_runs, parts_of
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
