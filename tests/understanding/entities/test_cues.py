"""Words that announce what comes."""

import pytest

from earshot.understanding.entities.cues import find_cues
from earshot.understanding.entities.reading import read_words
from tests.understanding.saying import say


@pytest.mark.parametrize(
    ("text", "announced"),
    [
        ("my passport number is 123", "passport_number"),
        ("what is your account number? sure, it is 123", "account_number"),
        ("card number please, and the security code: 123", "credit_card_cvv"),
        ("123 is my social", "us_social_security_number"),
        ("there were 123 of them", None),
        ("the zip code is 123", ""),
    ],
)
def test_the_nearest_cue_counts(text: str, announced: str | None) -> None:
    reading = read_words(say(text))
    start = reading.text.index("123")
    assert find_cues(reading).type_of(start, start + 3) == announced


def test_a_cue_far_away_announces_nothing() -> None:
    reading = read_words(say("passport " + "and so on " * 12 + "123"))
    cues = find_cues(reading)
    start = reading.text.index("123")
    assert cues.type_of(start, start + 3) is None
    assert not cues.announces("passport_number", start, start + 3)


def test_a_cue_is_a_word_of_its_own() -> None:
    assert find_cues(read_words(say("discard the broadcast"))).cues == ()


def test_what_says_more_than_a_number_counts_before_it() -> None:
    reading = read_words(say("is that your account? my number is 123"))
    start = reading.text.index("123")
    cues = find_cues(reading)
    assert cues.type_of(start, start + 3) == "account_number"
    assert cues.answers_other("phone_number", start, start + 3)
    assert not cues.answers_other("account_number", start, start + 3)
