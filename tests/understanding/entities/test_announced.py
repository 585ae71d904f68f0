"""What is dictated behind an announcement."""

import pytest

from earshot.understanding.entities.announced import suspect_announced
from earshot.understanding.entities.reading import read_words
from tests.understanding.saying import found_by, say


def hidden_of(entity_type: str, text: str) -> list[str]:
    return [found for kind, found in found_by(suspect_announced, text) if kind == entity_type]


def test_words_of_the_other_side_stand_between_the_parts() -> None:
    said = "my card number is 4111 hold on let me look 1111 yes 1111 and then 1112 bye"
    assert hidden_of("credit_card_number", said) == ["4111", "1111 1111", "1112"]


def test_small_talk_comes_before_the_answer() -> None:
    said = (
        "your social please? oh sure let me get it out of my purse here it comes now: 123 45 6789"
    )
    assert hidden_of("us_social_security_number", said) == ["123 45 6789"]


@pytest.mark.parametrize(
    ("entity_type", "text", "parts"),
    [
        ("passport_number", "my passport is PA 4568332, PA 4568332", ["PA 4568332, PA 4568332"]),
        ("banking_information", "the iban: GB29 NWBK 6016 1331 9268 18", None),
        ("date_of_birth", "date of birth? March, yes, the 7th of 1961", ["March", "7th", "1961"]),
        ("vehicle_id", "the plate is b d f seven five four seven", ["bdf7547"]),
        ("password", "it is 42 42, that is my pin", ["42 42"]),
        ("password", "4 2 4 2 is my pin", ["4 2 4 2"]),
        ("account_number", "my bank account is 12345678", ["12345678"]),
    ],
)
def test_what_is_announced_is_hidden(entity_type: str, text: str, parts: list[str] | None) -> None:
    expected = ["GB29 NWBK 6016 1331 9268 18"] if parts is None else parts
    assert hidden_of(entity_type, text) == expected


def test_one_question_asks_for_two_things() -> None:
    said = "your phone number and date of birth? sure, 3/7/1961, and it is 212 555 0143"
    assert "212 555 0143" in hidden_of("phone_number", said)


@pytest.mark.parametrize(
    "text",
    [
        "my account has 12500 dollars",
        "i lost my card in 2019",
        "call me at 10:30",
        "call me in 20 minutes",
        "my card is here and " + "then we talked of other things " * 7 + "4111",
    ],
)
def test_amounts_years_and_what_is_far_away_stay(text: str) -> None:
    assert found_by(suspect_announced, text) == []


def test_a_complete_number_ends_soon() -> None:
    said = "my phone is 212 555 0143 and then there were also 12 of them and 1400 others"
    assert hidden_of("phone_number", said) == ["212 555 0143"]


def test_a_recognizer_that_loops_is_no_endless_work() -> None:
    reading = read_words(say("card 4 1 1 " * 2000))
    assert sum(1 for _ in suspect_announced(reading)) < 300_000
