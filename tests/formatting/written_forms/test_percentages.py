import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.cardinals import spell_cardinal
from earshot.formatting.numerals import spell_numeral
from earshot.formatting.written_forms.forms import Style
from earshot.formatting.written_forms.percentages import write_percentage
from earshot.formatting.written_forms.spoken import Spoken
from earshot.transcript.words import Word


def say(text: str) -> Spoken:
    return Spoken(
        [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    )


def write(text: str, style: Style = Style.PROSE, *, at: int = 0) -> str | None:
    forms = write_percentage(say(text), at, style)
    return " ".join(form.text for form in forms) if forms else None


@given(st.integers(0, 10**6))
def test_every_percentage_reads_back_and_is_said_alike(number: int) -> None:
    words = [*spell_cardinal(number), "percent"]
    assert write(" ".join(words)) == f"{number:,}%" or number == 10**6
    if 2100 <= number < 10**6 or number < 1100:
        assert spell_numeral(f"{number:,}%") == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("eight point five per cent", "8.5%"),
        ("a hundred percent", "100%"),
        ("two million percent", "2 million percent"),
        ("two per person", None),
        ("percent", None),
    ],
)
def test_a_percentage_is_a_number_and_its_sign(text: str, expected: str | None) -> None:
    assert write(text) == expected


def test_by_itself_the_sign_stands_apart() -> None:
    assert write("eight percent", Style.VALUE) == "8 %"


def test_the_end_of_a_range_keeps_its_word() -> None:
    assert write("five to ten percent", at=2) is None
