"""Sentences made by chance."""

import random

import pytest

from benchmarks.entity_cases import (
    MAKERS,
    make_card,
    make_cases,
    make_iban,
    make_vin,
    say_number,
    say_ordinal,
    say_year,
)
from earshot.transcript.entity_types import FOUND_BY_PATTERN
from earshot.understanding.entities.checksums import is_iban, is_vin, passes_luhn


def test_the_same_seed_makes_the_same_sentences() -> None:
    assert make_cases(1, 1) == make_cases(1, 1)
    assert make_cases(1, 1) != make_cases(2, 1)


def test_every_type_that_is_found_has_a_maker() -> None:
    assert set(MAKERS) == set(FOUND_BY_PATTERN)


def test_numbers_with_a_sum_have_the_right_one() -> None:
    rng = random.Random(7)
    for _ in range(20):
        assert passes_luhn("".join(c for c in make_card(rng).written if c.isdigit()))
        assert is_iban(make_iban(rng).written.replace(" ", ""))
        assert is_vin(make_vin(rng).written)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (say_number(2105), "two thousand one hundred five"),
        (say_ordinal(23), "twenty third"),
        (say_year(1906), "nineteen oh six"),
        (say_year(2004), "two thousand four"),
    ],
)
def test_numbers_are_said_as_people_do(said: str, expected: str) -> None:
    assert said == expected


def test_a_span_is_of_the_words_of_its_filling() -> None:
    for case in make_cases(3, 1):
        for gold in case.gold:
            assert 0 <= gold.first < gold.end <= len(case.words)
        texts = [word.text for word in case.words]
        assert case.form == "written" or texts == [text.lower() for text in texts]
