import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.cardinals import spell_year
from earshot.formatting.written_forms.forms import Style
from earshot.formatting.written_forms.spoken import Spoken
from earshot.formatting.written_forms.years import read_year, write_year
from earshot.transcript.words import Word


def say(text: str) -> Spoken:
    return Spoken(
        [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    )


def write(text: str, style: Style = Style.PROSE) -> str | None:
    forms = write_year(say(text), 0, style)
    return " ".join(form.text for form in forms) if forms else None


@given(st.integers(1100, 2099))
def test_every_year_that_is_spelled_out_reads_back(year: int) -> None:
    words = spell_year(year)
    read = read_year(say(" ".join(words)), 0)
    assert read is not None
    assert (read.value, read.end) == (year, len(words))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nineteen eighty four", "1984"),
        ("nineteen oh five", "1905"),
        ("nineteen eighties", "1980s"),
        ("nineteen hundreds", "1900s"),
        ("seven fifty b c", "750 BC"),
        ("twenty thirty people", None),
        ("twenty thirty", None),
        ("eighteen nineteen kids", None),
        ("nineteen eighty four thousand", None),
        ("eight fifty", None),
        ("one ad", None),
    ],
)
def test_two_numbers_are_a_year_in_prose_where_nothing_else_fits(
    text: str, expected: str | None
) -> None:
    assert write(text) == expected


def test_a_cue_makes_a_year_of_what_could_be_a_range() -> None:
    forms = write_year(say("in twenty thirty"), 1, Style.PROSE)
    assert forms is not None
    assert forms[0].text == "2030"


def test_by_itself_a_pair_from_thirteen_on_is_a_year() -> None:
    assert write("sixteen sixty five", Style.VALUE) == "1665"
    assert write("seven fifty b c", Style.VALUE) == "750BC"
