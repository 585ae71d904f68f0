import pytest

from earshot.formatting.cardinals import (
    MAX_CARDINAL,
    YEARS,
    spell_cardinal,
    spell_digits,
    spell_ordinal,
    spell_year,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (40, "forty"),
        (99, "ninety nine"),
        (105, "one hundred five"),
        (1_000, "one thousand"),
        (1_000_001, "one million one"),
        (12_345, "twelve thousand three hundred forty five"),
        (10**15, "one quadrillion"),
    ],
)
def test_cardinals_are_said_the_american_way(number: int, text: str) -> None:
    assert " ".join(spell_cardinal(number)) == text


@pytest.mark.parametrize("number", [-1, MAX_CARDINAL + 1])
def test_a_number_without_words_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="no words for"):
        spell_cardinal(number)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "first"),
        (3, "third"),
        (9, "ninth"),
        (12, "twelfth"),
        (20, "twentieth"),
        (21, "twenty first"),
        (100, "one hundredth"),
    ],
)
def test_ordinals_change_the_last_word(number: int, text: str) -> None:
    assert " ".join(spell_ordinal(number)) == text


@pytest.mark.parametrize(
    ("year", "text"),
    [
        (1100, "eleven hundred"),
        (1905, "nineteen oh five"),
        (1999, "nineteen ninety nine"),
        (2000, "two thousand"),
        (2005, "two thousand five"),
        (2010, "twenty ten"),
        (2099, "twenty ninety nine"),
    ],
)
def test_years_are_said_in_pairs_but_for_the_first_of_the_millennium(year: int, text: str) -> None:
    assert " ".join(spell_year(year)) == text


def test_no_two_years_are_said_alike() -> None:
    assert len({tuple(spell_year(year)) for year in YEARS}) == len(YEARS)


def test_digits_are_said_one_by_one() -> None:
    assert spell_digits("007") == ["zero", "zero", "seven"]
