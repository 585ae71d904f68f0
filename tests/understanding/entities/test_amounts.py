"""Money, shares, ages, the measures of a body."""

import pytest

from earshot.understanding.entities.amounts import find_amounts, suspect_amounts
from tests.understanding.saying import found_by


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("it was 15 pesos then", ("money_amount", "15 pesos")),
        ("it was $94.50 5-9 then", ("money_amount", "$94.50")),
        ("it was $5 million then", ("money_amount", "$5 million")),
        ("twenty five dollars and ten cents", ("money_amount", "25 dollars and 10 cents")),
        ("three point five percent more", ("statistics", "3.5 percent")),
        ("this 79 year old", ("person_age", "79")),
        ("a 38-year-old male", ("person_age", "38")),
        ("retired at the age of sixty one", ("person_age", "61")),
        ("i'm thirty two and well", ("person_age", "32")),
        ("I'm 190cm tall", ("physical_attribute", "190cm tall")),
        ("five foot ten", ("physical_attribute", "5 foot 10")),
        ("he weighs 180 pounds", ("physical_attribute", "180 pounds")),
        ("with blue eyes", ("physical_attribute", "blue eyes")),
    ],
)
def test_each_form_is_found(text: str, found: tuple[str, str]) -> None:
    assert found in found_by(find_amounts, text)


@pytest.mark.parametrize(
    "text", ["three cats", "i'm 20 percent", "she is 4 miles away", "aged beef"]
)
def test_other_numbers_are_none(text: str) -> None:
    assert [f for f in found_by(find_amounts, text) if f[0] != "statistics"] == []


def test_any_numbers_where_an_age_is_told_are_suspected() -> None:
    assert found_by(suspect_amounts, "he just turned 2 2 87") == [("person_age", "2 2 87")]
    assert found_by(suspect_amounts, "he turned left") == []
