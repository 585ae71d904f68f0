import pytest

from earshot.understanding.value_formats import (
    format_date,
    format_email,
    format_phone,
    is_date_pattern,
    is_phone_pattern,
)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("March 7th, 1961", "03/07/1961"),
        ("march 7 19 61", "03/07/1961"),
        ("Tuesday, the 3rd of May 2020", "05/03/2020"),
        ("3 Sept. 2020", "09/03/2020"),
        ("2020-12-24", "12/24/2020"),
        ("24.12.2020", "12/24/2020"),
        ("12/24/2020", "12/24/2020"),
        ("3/4/2021", "03/04/2021"),
    ],
)
def test_a_day_with_its_year_is_written_by_the_pattern(text: str, written: str) -> None:
    assert format_date(text, "mm/dd/yyyy", "en_us") == written


@pytest.mark.parametrize(
    "text", ["March 7th", "1961", "3/4/61", "31.02.2020", "13/13/2020", "yesterday", "Tuesday"]
)
def test_what_does_not_name_one_day_has_no_form(text: str) -> None:
    assert format_date(text, "mm/dd/yyyy", "en_us") is None


@pytest.mark.parametrize(
    ("language", "written"),
    [("en_us", "2021-03-04"), ("en_uk", "2021-04-03"), ("de", "2021-04-03"), ("en", None)],
)
def test_day_and_month_in_figures_are_told_apart_by_the_language(
    language: str, written: str | None
) -> None:
    assert format_date("3/4/2021", "yyyy-mm-dd", language) == written


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("mm/dd/yyyy", "12/24/2020"),
        ("dd/mm/yyyy", "24/12/2020"),
        ("yyyy-mm-dd", "2020-12-24"),
        ("mm-dd-yyyy", "12-24-2020"),
        ("dd.mm.yyyy", "24.12.2020"),
    ],
)
def test_all_patterns_of_the_api_are_known(pattern: str, written: str) -> None:
    assert is_date_pattern(pattern)
    assert format_date("2020-12-24", pattern, "en_us") == written


@pytest.mark.parametrize("pattern", ["", "mm/dd", "mm/mm/yyyy", "ddmmyyyy", "Date: dd/mm/yyyy"])
def test_a_pattern_that_is_none_is_told(pattern: str) -> None:
    assert not is_date_pattern(pattern)


SAID = ["555-679-3466", "5556793466", "+1 555 679 3466", "1-555-6793466", "5 5 5 6 7 9 3 4 6 6"]


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("(xxx)xxx-xxxx", "(555)679-3466"),
        ("xxx-xxx-xxxx", "555-679-3466"),
        ("xxx.xxx.xxxx", "555.679.3466"),
        ("+x(xxx)xxx-xxxx", "+1(555)679-3466"),
    ],
)
@pytest.mark.parametrize("said", SAID)
def test_a_number_is_written_by_the_pattern(pattern: str, written: str, said: str) -> None:
    assert is_phone_pattern(pattern)
    assert format_phone(said, pattern) == written


def test_an_extension_stays_behind_its_number() -> None:
    assert format_phone("555 679 3466 ext. 12", "(xxx)xxx-xxxx") == "(555)679-3466 ext. 12"


@pytest.mark.parametrize(
    "said",
    [
        "679-3466",
        "+44 20 7946 0958",
        "+555 679 3466",
        "911",
        "01.84.17.61.18",
        "(08) 8747 6301",
        "(71) 4233-6306",
        "024 971 50 30",
    ],
)
def test_a_number_of_another_plan_stays(said: str) -> None:
    assert format_phone(said, "(xxx)xxx-xxxx") is None


@pytest.mark.parametrize("pattern", ["", "xxx", "tel:xxxxxxxxxx", "xxx+xxxxxxx", "x" * 12])
def test_a_pattern_of_no_number_is_told(pattern: str) -> None:
    assert not is_phone_pattern(pattern)


def test_an_address_is_written_where_its_name_is_sure() -> None:
    assert format_email("jane@example.com,", "username@domain.com") == "jane@example.com"
    assert format_email("jane doe@example.com", "username@domain.com") is None
    full_name = "firstname.lastname@domain.com"
    assert format_email("Jane Doe@example.com", full_name) == "jane.doe@example.com"
    assert format_email("jane_doe@example.com", full_name) == "jane_doe@example.com"
    assert format_email("jane b doe@example.com", full_name) is None
    assert format_email("jane", full_name) is None
