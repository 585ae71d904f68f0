import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.cardinals import spell_cardinal
from earshot.formatting.numerals import spell_numeral
from earshot.formatting.written_forms.forms import Style
from earshot.formatting.written_forms.money import write_money
from earshot.formatting.written_forms.spoken import Spoken
from earshot.transcript.words import Word


def say(text: str) -> Spoken:
    return Spoken(
        [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    )


def write(text: str, style: Style = Style.PROSE, *, at: int = 0) -> str | None:
    forms = write_money(say(text), at, style)
    return " ".join(form.text for form in forms) if forms else None


@given(st.integers(2, 999_999), st.integers(1, 99))
def test_every_amount_reads_back_and_is_said_alike(dollars: int, cents: int) -> None:
    unit = "cent" if cents == 1 else "cents"
    words = [*spell_cardinal(dollars), "dollars", "and", *spell_cardinal(cents), unit]
    written = write(" ".join(words))
    assert written == f"${dollars:,}.{cents:02}"
    assert spell_numeral(written) == words


@given(st.integers(1, 999), st.sampled_from(["million", "billion", "trillion"]))
def test_a_scale_stays_a_word(number: int, scale: str) -> None:
    assert write(" ".join([*spell_cardinal(number), scale, "euros"])) == f"\u20ac{number} {scale}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seventy five dollars sixty three", "$75.63"),
        ("seventy five dollars sixty three times", "$75"),
        ("five dollars five", "$5"),
        ("one dollar", "$1"),
        ("one dollars", None),
        ("minus five dollars", "-$5"),
        ("five dollar bill", "$5"),
        ("five pounds", None),
        ("five pounds twenty pence", "\u00a35.20"),
        ("ten pounds sterling", "\u00a310"),
        ("four million yuan", None),
        ("a million dollars", None),
        ("thirty billion yen", "\u00a530 billion"),
        ("zero point two million dollars", "$0.2 million"),
    ],
)
def test_amounts_are_written_with_the_sign_of_their_unit(text: str, expected: str | None) -> None:
    assert write(text) == expected


def test_the_end_of_a_range_keeps_its_words() -> None:
    assert write("ten to twenty dollars", at=2) is None


def test_by_itself_an_amount_has_no_commas() -> None:
    assert write("eighteen thousand eighty one dollars", Style.VALUE) == "$18081"
