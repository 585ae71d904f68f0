import pytest

from earshot.formatting.written_forms.number_words import (
    DIGITS,
    FRACTIONS,
    ORDINALS,
    SCALES,
    is_number_word,
    listed,
    starts_number,
)


def test_each_scale_is_a_thousand_times_the_one_before() -> None:
    assert SCALES["thousand"] == 1000
    assert SCALES["sextillion"] == 10**21


def test_every_digit_has_one_word_and_zero_has_three() -> None:
    assert sorted(DIGITS.values()) == sorted("0001234567" + "89")


def test_an_ordinal_knows_its_cardinal() -> None:
    assert (ORDINALS["twelfth"], ORDINALS["fortieth"]) == ("twelve", "forty")
    assert ORDINALS["thousandth"] == "thousand"


@pytest.mark.parametrize(("text", "is_one"), [("twenty", True), ("thirds", True), ("thick", False)])
def test_only_number_words_come_apart_at_a_hyphen(text: str, is_one: bool) -> None:
    assert is_number_word(text) is is_one


@pytest.mark.parametrize(
    ("text", "starts"), [("20", True), ("two", True), ("$5", False), ("", False)]
)
def test_digits_count_as_numbers_too(text: str, starts: bool) -> None:
    assert starts_number(text) is starts


def test_the_plural_of_an_ordinal_is_a_fraction() -> None:
    assert {"half", "quarters", "sixteenths"} <= FRACTIONS


def test_a_list_may_go_over_several_lines() -> None:
    assert listed("one two\n three") == {"one", "two", "three"}
