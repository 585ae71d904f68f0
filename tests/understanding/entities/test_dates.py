"""Days, stretches of the calendar, times of day, durations."""

import time

import pytest

from earshot.understanding.entities.dates import find_dates, suspect_dates
from earshot.understanding.entities.reading import Reading
from earshot.understanding.entities.tokens import WordRange
from tests.understanding.saying import found_by


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("on December 18 then", ("date", "December 18")),
        ("on march fifth nineteen eighty four then", ("date", "march 5th 19 84")),
        ("the 5th of May, 2021 then", ("date", "5th of May, 2021")),
        ("by 2/8/1935 then", ("date", "2/8/1935")),
        ("Date of Birth: March 7, 1961 ok", ("date_of_birth", "March 7, 1961")),
        ("i was born on three four nineteen eighty ok", ("date_of_birth", "3 4 19 80")),
        ("from 2020-2021 on", ("date_interval", "2020-2021")),
        ("5-9 May then", ("date_interval", "5-9 May")),
        ("January 1984 then", ("date_interval", "January 1984")),
        ("in nineteen eighty four we", ("date_interval", "19 84")),
        ("in the nineties we", ("date_interval", "the nineties")),
        ("last summer we", ("date_interval", "last summer")),
        ("at 19:37:28 then", ("time", "19:37:28")),
        ("at 10pm EST then", ("time", "10pm EST")),
        ("at five thirty p m then", ("time", "5 30 pm")),
        ("at quarter past three then", ("time", "quarter past 3")),
        ("for eight months then", ("duration", "8 months")),
        ("for two and a half years then", ("duration", "2 and a half years")),
    ],
)
def test_each_form_is_found(text: str, found: tuple[str, str]) -> None:
    assert found in found_by(find_dates, text)


@pytest.mark.parametrize(
    "text", ["you may go on", "we march on", "he is 79 years old", "wait a second", "1984 dollars"]
)
def test_other_words_are_none(text: str) -> None:
    assert found_by(find_dates, text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("my birthday is Tuesday", ("date", "Tuesday")),
        ("on Tuesday the fifteenth then", ("date", "Tuesday the 15th")),
        ("it was the fifteenth", ("date", "the 15th")),
        ("that is nineteen eighty four", ("date_interval", "19 84")),
        ("we met in May or March", ("date_interval", "March")),
        ("on 7 June 26th 2005", ("date", "June 26th 2005")),
        ("on the 5th or on the 12th then", ("date", "the 12th")),
        ("due on the twenty-fifth.", ("date", "the 25th")),
        ("how about the twenty-third, does it", ("date", "23rd")),
        ("on the second, i think", ("date", "second")),
    ],
)
def test_parts_of_days_are_suspected(text: str, found: tuple[str, str]) -> None:
    assert found in found_by(suspect_dates, text)


@pytest.mark.parametrize(
    "text", ["the 5th floor", "the first thing", "on the second floor", "the fourth one was best"]
)
def test_other_places_in_a_row_are_not(text: str) -> None:
    assert [one for one in found_by(suspect_dates, text) if one[0] == "date"] == []


@pytest.mark.parametrize("repeated", ["of ", "1,", "born ", "date of birth is 19 "])
def test_words_in_a_row_are_read_in_little_time(repeated: str) -> None:
    text = repeated * 16_000
    reading = Reading(text, (WordRange(0, 1),) * len(text))
    began_s = time.process_time()
    list(find_dates(reading))
    assert time.process_time() - began_s < 5  # it was from 14 on, each read to the end
