import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.cardinals import spell_cardinal, spell_ordinal
from earshot.formatting.written_forms.forms import Style
from earshot.formatting.written_forms.fractions import write_fraction
from earshot.formatting.written_forms.spoken import Spoken
from earshot.transcript.words import Word


def say(text: str) -> Spoken:
    return Spoken(
        [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    )


def write(text: str, style: Style = Style.PROSE, *, at: int = 0) -> str | None:
    forms = write_fraction(say(text), at, style)
    return " ".join(form.text for form in forms) if forms else None


@given(st.integers(2, 19), st.integers(3, 19))
def test_every_fraction_below_one_reads_back(over: int, under: int) -> None:
    text = f"{spell_cardinal(over)[0]} {spell_ordinal(under)[0]}s"
    assert write(text, Style.VALUE) == (f"{over}/{under}" if over < under else None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("three sixteenths", "3/16"),
        ("two thirds", None),
        ("one half", None),
        ("one second", None),
        ("two seconds", None),
        ("twenty one hundredths", None),
        ("three sixteenth", None),
    ],
)
def test_everyday_and_ambiguous_fractions_stay_words(text: str, expected: str | None) -> None:
    assert write(text) == expected


def test_halves_and_quarters_have_their_own_words() -> None:
    assert write("one half", Style.VALUE) == "1/2"
    assert write("three quarters", Style.VALUE) == "3/4"
