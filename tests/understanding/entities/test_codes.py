"""Numbers that their form or the words around them explain."""

import pytest

from earshot.understanding.entities.codes import find_codes, suspect_codes
from tests.understanding.saying import found_by


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Policy No. 10042992; ok", ("account_number", "10042992")),
        ("Member ID: HZ-5235-001; ok", ("account_number", "HZ-5235-001")),
        ("my member id is h z dash five two three five", ("account_number", "hz-5235")),
        ("DL# 356933-540 ok", ("drivers_license", "356933-540")),
        ("passport number is PA4568332 ok", ("passport_number", "PA4568332")),
        ("her patient id is 5584-486-674 ok", ("healthcare_number", "5584-486-674")),
        ("license plate BIF7547 ok", ("vehicle_id", "BIF7547")),
        ("it is 1M8GDM9AXKP042788 ok", ("vehicle_id", "1M8GDM9AXKP042788")),
        ("pay GB29 NWBK 6016 1331 9268 19 to him", None),
        ("sort code 12-34-56 ok", ("banking_information", "12-34-56")),
        ("my swift code is deutdeff now", ("banking_information", "deutdeff")),
        ("confirmation number 8834 ok", ("number_sequence", "8834")),
        ("it is 4111. One, one, one, one.", ("number_sequence", "4111. 1, 1, 1, 1")),
        ("it says 88341290 there", ("number_sequence", "88341290")),
    ],
)
def test_a_code_is_what_it_was_called(text: str, found: tuple[str, str] | None) -> None:
    expected = found or ("banking_information", "GB29 NWBK 6016 1331 9268 19")
    assert expected in found_by(find_codes, text)


@pytest.mark.parametrize(
    "text",
    [
        "my account has 12500 dollars",
        "a city of 1500000 people",
        "account from 3/4/1980 on",
        "one two three four five six seven",
        "an arabic interpreter",
    ],
)
def test_amounts_dates_and_counting_are_none(text: str) -> None:
    assert found_by(find_codes, text) == []


def test_a_bare_account_number_may_also_be_at_a_bank() -> None:
    types = {name for name, _ in found_by(find_codes, "my account number is 12345678 ok")}
    assert {"account_number", "banking_information"} <= types


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("to GB29 NWBK 6016 1331 9268 18 now", "GB29 NWBK 6016 1331 9268 18"),
        ("4 2 g b 2 9 n w b k 6 0 1 6 1 3 3 1 9 2 6 8 1 9 7 7", "gb29nwbk60161331926819"),
        ("it is 1M8GDM9A1KP042788 ok", "1M8GDM9A1KP042788"),
        ("say 4 2 4 2 now", "4 2 4 2"),
    ],
)
def test_codes_with_a_wrong_sum_or_neighbours_are_suspected(text: str, found: str) -> None:
    assert found in [code for _, code in found_by(suspect_codes, text)]
