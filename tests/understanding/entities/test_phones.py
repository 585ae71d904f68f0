"""Telephone numbers."""

import pytest

from earshot.understanding.entities.phones import find_phones
from tests.understanding.saying import found_by


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("dial (212) 555-0123 today", "(212) 555-0123"),
        ("it is 905-674-3793 now", "905-674-3793"),
        ("plus four four two oh seven nine four six oh nine five eight", None),
        ("my phone is 467 3395 here", "467 3395"),
        ("call me on 9472 7916 please", "9472 7916"),
        ("ask for 212-555-0123 extension 42 there", "212-555-0123 extension 42"),
        ("416 60 039 office", "416 60 039"),
    ],
)
def test_a_number_is_known_by_plan_form_or_cue(text: str, number: str | None) -> None:
    assert found_by(find_phones, text) == [("phone_number", number or "+4 4 2 0 7 9 4 6 0 9 5 8")]


@pytest.mark.parametrize(
    "text",
    [
        "we sold 1500000 of them",
        "my social is 123-45-6789 okay",
        "on 2020-10-12 it was",
        "account number 2125550123 there",
        "one eleven thirteen nineteen twenty one",
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert found_by(find_phones, text) == []
