from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.cardinals import spell_ordinal, spell_year
from earshot.formatting.written_forms.dates import write_date
from earshot.formatting.written_forms.forms import Style
from earshot.formatting.written_forms.spoken import Spoken
from earshot.transcript.words import Word


def say(text: str) -> Spoken:
    return Spoken(
        [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    )


def write(text: str, style: Style = Style.PROSE, *, at: int = 0) -> str | None:
    forms = write_date(say(text), at, style)
    return " ".join(form.text for form in forms) if forms else None


@given(st.dates(date(1100, 1, 1), date(2099, 12, 31)))
def test_every_date_that_is_spelled_out_reads_back(day: date) -> None:
    month = day.strftime("%B")
    text = " ".join([month, *spell_ordinal(day.day), *spell_year(day.year)])
    assert write(f"on {text}", at=1) == f"{month} {day.day}, {day.year}"
    assert write(text.lower(), Style.VALUE) == f"{month.lower()} {day.day} {day.year}"


@given(st.dates(date(2000, 1, 1), date(2000, 12, 31)))
def test_the_day_may_come_first(day: date) -> None:
    month = day.strftime("%B")
    text = " ".join(["the", *spell_ordinal(day.day), "of", month])
    assert write(text, Style.VALUE) == f"{day.day} {month}"
    prose = write(text)
    assert prose is not None
    assert prose.startswith(f"the {day.day}")
    assert prose.endswith(f" of {month}")


def test_there_is_a_word_for_each_part_of_a_date() -> None:
    forms = write_date(say("July twenty-second, two thousand eight"), 0, Style.PROSE)
    assert forms is not None
    assert [(form.text, form.end) for form in forms] == [("July", 1), ("22,", 3), ("2008", 7)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("June thirty", "June 30"),
        ("October nineteen oh five", "October 1905"),
        ("June twenty students", None),
        ("June forty", None),
        ("march second", None),
        ("may first", None),
        ("July", None),
        ("the first of all", None),
        ("the thirty second of june", None),
    ],
)
def test_only_dates_are_written_as_such(text: str, expected: str | None) -> None:
    assert write(text) == expected


def test_a_capital_or_a_preposition_makes_months_of_may_and_march() -> None:
    assert write("on may first", at=1) == "may 1"
    assert write("Every March second", at=1) == "March 2"
