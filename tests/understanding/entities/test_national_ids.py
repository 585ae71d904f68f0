"""Social security numbers and what stands for them elsewhere."""

import pytest

from earshot.understanding.entities.national_ids import find_national_ids, suspect_national_ids
from tests.understanding.saying import found_by

SSN = "us_social_security_number"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("it is 460-89-9847 there", "460-89-9847"),
        ("my social is four six zero eight nine nine eight four seven", "4 6 0 8 9 9 8 4 7"),
        ("one two three dash four five dash six seven eight nine", "1 2 3-4 5-6 7 8 9"),
        ("the last four of my social are 6789", "6789"),
        ("my number is AB123456C here", "AB123456C"),
    ],
)
def test_a_number_is_known_by_its_groups_or_its_cue(text: str, number: str) -> None:
    assert found_by(find_national_ids, text) == [(SSN, number)]


@pytest.mark.parametrize("text", ["000-12-3456", "123-00-4567", "we saw 123456789 of them"])
def test_numbers_that_are_never_issued_or_not_announced_are_none(text: str) -> None:
    assert found_by(find_national_ids, text) == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("room 4, 123-45-6789 is it", ["123-45-6789"]),
        ("it is 123-45-6789. 123-45-6789 right", ["123-45-6789", "123-45-6789"]),
    ],
)
def test_what_stands_beside_is_no_part_of_it(text: str, numbers: list[str]) -> None:
    assert found_by(find_national_ids, text) == [(SSN, number) for number in numbers]


def test_nine_digits_are_suspected_in_groups_and_alone() -> None:
    assert found_by(suspect_national_ids, "4 123-45-6789 5") == [(SSN, "123-45-6789")]
    assert found_by(suspect_national_ids, "well 1 2 3 4 5 6 7 8 9") != []
    assert found_by(suspect_national_ids, "my account is 123456789") == []
