import re
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from earshot.formatting.cardinals import spell_cardinal
from earshot.formatting.numerals import spell_numeral, spell_numerals
from earshot.transcript.words import Word


def say(text: str) -> list[Word]:
    return [Word(token, i * 500, i * 500 + 480, 0.9) for i, token in enumerate(text.split())]


def spell(text: str) -> str:
    return " ".join(word.text for word in spell_numerals(say(text)))


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("10", "ten"),
        ("10,", "ten,"),
        ('"10"', '"ten"'),
        ("35%", "thirty five percent"),
        ("0.5%", "zero point five percent"),
        ("35 %", "thirty five percent"),
        ("3.14", "three point one four"),
        (".5", "point five"),
        ("-5", "minus five"),
        ("1,234,567", "one million two hundred thirty four thousand five hundred sixty seven"),
        ("007", "zero zero seven"),
        ("4155550123", "four one five five five five zero one two three"),
        ("3000000", "three million"),
        ("$5", "five dollars"),
        ("$1", "one dollar"),
        ("$5.50", "five dollars and fifty cents"),
        ("$0.99", "ninety nine cents"),
        ("$1999", "one thousand nine hundred ninety nine dollars"),
        ("-$5", "minus five dollars"),
        ("$1.5 million.", "one point five million dollars."),
        ("$2bn", "two billion dollars"),
        ("\u00a33.01", "three pounds and one penny"),
        ("$10-15", "ten to fifteen dollars"),
        ("21st", "twenty first"),
        ("1000th", "one thousandth"),
        ("1999", "nineteen ninety nine"),
        ("1990s", "nineteen nineties"),
        ("'80s", "eighties"),
        ("mid-1990s", "mid nineteen nineties"),
        ("747s", "seven hundred forty sevens"),
        ("66s", "sixty sixes"),
        ("July 4, 1776", "July fourth, seventeen seventy six"),
        ("10:30", "ten thirty"),
        ("9:05", "nine oh five"),
        ("10:00", "ten o'clock"),
        ("10:00 a.m.", "ten a.m."),
        ("10:30am", "ten thirty am"),
        ("14:00", "fourteen hundred"),
        ("1:02:03", "one oh two oh three"),
        ("16:9", "sixteen to nine"),
        ("1/2", "one half"),
        ("3/4", "three quarters"),
        ("2/3", "two thirds"),
        ("1 1/2", "one and one half"),
        ("1\u00bd", "one and one half"),
        ("24/7", "twenty four seven"),
        ("5/10/2020", "five slash ten slash twenty twenty"),
        ("10-15%", "ten to fifteen percent"),
        ("1990-1995", "nineteen ninety to nineteen ninety five"),
        ("555-1234", "five five five one two three four"),
        ("+1-555-123-4567", "plus one five five five one two three four five six seven"),
        ("3.0.1", "three point zero point one"),
        (
            "192.168.0.1",
            "one hundred ninety two point one hundred sixty eight point zero point one",
        ),
        ("#1", "number one"),
        ("20\u00b0C", "twenty degrees celsius"),
        ("5'10\"", "five foot ten"),
        ("COVID-19", "COVID nineteen"),
        ("25-year-old", "twenty five year old"),
        ("B2B", "B two B"),
        ("5km", "five km"),
        ("&", "and"),
        ("R&D", "R&D"),
        ("bob3@example.com", "bob3@example.com"),
        ("web2.com", "web2.com"),
        ("word", "word"),
        ("-", "-"),
        ("5*3", "five * three"),
    ],
)
def test_numerals_are_written_as_they_are_said(written: str, spoken: str) -> None:
    assert spell(written) == spoken


def test_a_numeral_shares_its_time_among_its_words() -> None:
    words = spell_numerals([Word("I", 0, 100, 0.9), Word("35%.", 200, 800, 0.4)])
    assert [word.text for word in words] == ["I", "thirty", "five", "percent."]
    assert (words[1].start_ms, words[-1].end_ms) == (200, 800)
    assert all(left.end_ms <= right.start_ms for left, right in pairwise(words))
    assert {word.confidence for word in words[1:]} == {0.4}


UNITS = {" ".join(spell_cardinal(number)): number for number in range(1_000)}
SCALES = {
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "quadrillion": 10**15,
}
DIGITS = {" ".join(spell_cardinal(number)): str(number) for number in range(10)}


def read_cardinal(words: list[str]) -> int:
    """The value of a number in words, cardinal or the way of years."""
    total = 0
    group: list[str] = []
    for word in words:
        if word in SCALES:
            total += UNITS[" ".join(group)] * SCALES[word]
            group = []
        else:
            group.append(word)
    return total + (read_group(group) if group else 0)


def read_group(group: list[str]) -> int:
    text = " ".join(group)
    if text in UNITS:
        return UNITS[text]
    if group[-1] == "hundred":
        return UNITS[" ".join(group[:-1])] * 100
    for cut in range(1, len(group)):  # "nineteen | oh five", "twenty | ten"
        century, rest = " ".join(group[:cut]), " ".join(group[cut:]).removeprefix("oh ")
        if UNITS.get(century, 0) >= 11 and rest in UNITS:
            return UNITS[century] * 100 + UNITS[rest]
    raise AssertionError(text)


def read_decimal(words: list[str]) -> Decimal:
    if "point" not in words:
        return Decimal(read_cardinal(words))
    point = words.index("point")
    decimals = "".join(DIGITS[word] for word in words[point + 1 :])
    return Decimal(f"{read_cardinal(words[:point])}.{decimals}")


@given(st.integers(0, 10**15 - 1))
def test_no_whole_number_with_commas_changes_its_value(number: int) -> None:
    if number < 1_000:
        assert read_cardinal(spell_numeral(str(number))) == number
    else:
        assert read_cardinal(spell_numeral(f"{number:,}")) == number


@given(st.integers(0, 999_999))
def test_no_whole_number_without_commas_changes_its_value(number: int) -> None:
    assert read_cardinal(spell_numeral(str(number))) == number


@given(st.integers(1_000_000, 10**20))
def test_no_long_number_loses_a_digit(number: int) -> None:
    words = spell_numeral(str(number))
    if all(word in DIGITS for word in words):
        assert "".join(DIGITS[word] for word in words) == str(number)
    else:
        assert read_cardinal(words) == number


@given(st.integers(0, 10**7), st.from_regex(r"[0-9]{1,6}", fullmatch=True))
def test_no_decimal_changes_its_value(whole: int, decimals: str) -> None:
    written = f"{whole:,}.{decimals}"
    spoken = spell_numeral(written + "%")
    assert spoken[-1] == "percent"
    assert read_decimal(spoken[:-1]) == Decimal(written.replace(",", ""))


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_no_amount_of_money_changes_its_value(dollars: int, cents: int) -> None:
    spoken = " ".join(spell_numeral(f"${dollars:,}.{cents:02}"))
    match = re.fullmatch(r"(?:(.+?) dollars?)?(?: and )?(?:(.+?) cents?)?", spoken)
    assert match is not None
    assert read_cardinal((match[1] or "zero").split()) == dollars
    assert read_cardinal((match[2] or "zero").split()) == cents


@given(st.text(alphabet="0123456789,.:/-$%kx#'\u2013sth", min_size=1, max_size=12))
def test_whatever_holds_digits_becomes_words_without_digits(text: str) -> None:
    assume(re.search(r"\.[a-z]{2}", text) is None)  # the name of a server keeps its digits
    words = spell_numerals([Word(text, 0, 1_000, 0.9)])
    assert words
    assert not re.search(r"[0-9]", " ".join(word.text for word in words))
    assert all(left.end_ms <= right.start_ms for left, right in pairwise(words))
