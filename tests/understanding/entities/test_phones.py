"""Telephone numbers."""

import pytest

from earshot.understanding.entities.phones import find_phones, suspect_phones
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


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("call 212-555-0143, 212-555-0144 now", ["212-555-0143", "212-555-0144"]),
        ("it is 212-555-0143. 212-555-0143, right?", ["212-555-0143", "212-555-0143"]),
        ("back in 2019. 212 555 0143 was it", ["212 555 0143"]),
        ("my number is 555 0143", ["555 0143"]),
    ],
)
def test_each_of_several_numbers_is_found(text: str, numbers: list[str]) -> None:
    assert found_by(find_phones, text) == [("phone_number", number) for number in numbers]


def test_any_stretch_may_be_one_unless_it_is_called_otherwise() -> None:
    assert ("phone_number", "212 555 0143") in found_by(suspect_phones, "7 212 555 0143 9")
    assert found_by(suspect_phones, "my account number is 2125550143") == []
    assert found_by(suspect_phones, "order number 12, so 212-555-0143") != []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("then extension 442", "442"),
        ("ask for ext. 4 0 1 please", "4 0 1"),
        ("extension number four four two", "4 4 2"),
    ],
)
def test_an_extension_alone_may_be_one(text: str, number: str) -> None:
    assert ("phone_number", number) in found_by(suspect_phones, text)


@pytest.mark.parametrize(
    "text", ["an extension of 30 days", "extension 30 days long", "extension 2"]
)
def test_other_extensions_are_not(text: str) -> None:
    assert found_by(suspect_phones, text) == []
