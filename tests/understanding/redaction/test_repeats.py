"""Secrets that are said again."""

from dataclasses import replace

import pytest

from earshot.understanding.entities.detection import suspect_entities
from earshot.understanding.redaction.repeats import find_repeats
from tests.understanding.saying import say

TALK = "and then we talked about other things and came back to"


def repeated(text: str, entity_type: str) -> list[int]:
    words = say(text)
    entities = suspect_entities(words, {entity_type})
    first = {index for entity in entities for index in entity.indices}
    return sorted({index for index, _ in find_repeats(words, entities)} - first)


@pytest.mark.parametrize(
    ("text", "entity_type", "indices"),
    [
        (f"my pin is 4242. {TALK}, 4242.", "password", [15]),
        (f"my pin is 4242. {TALK} four two four two.", "password", [15, 16, 17, 18]),
        (f"his mother's maiden name is Smith. {TALK}, Smith!", "password", [17]),
        (f"his username is bob42 {TALK} bob 42", "username", [15, 16]),
        (f"my phone is 212 555 0143 {TALK} 0143", "phone_number", [17]),
        (f"my phone is 212 555 0143 {TALK} 212 well 555 and 0143", "phone_number", [17, 19, 21]),
    ],
)
def test_a_secret_is_found_again(text: str, entity_type: str, indices: list[int]) -> None:
    assert repeated(text, entity_type) == indices


def test_a_day_is_no_secret_of_its_own() -> None:
    assert repeated("in 2019 we sold 2019 pieces", "date_interval") == []


def test_a_number_that_is_read_back_and_misheard_is_found() -> None:
    assert repeated(f"it is 212-555-1143. {TALK} to 12555143.", "phone_number") == [15]
    assert repeated(f"it is 212-555-1143. {TALK} to 98000761.", "phone_number") == []


def test_the_word_in_a_password_is_a_secret_and_its_numbers_are_not() -> None:
    text = f"my password is alfalfa four two. {TALK} alfalfa and four"
    assert repeated(text, "password") == [17]


def test_another_voice_reads_it_back() -> None:
    words = say("my pin is 4242. Well, four, you said, two four two?")
    words = tuple(replace(word, speaker="AAAABAABAAA"[i]) for i, word in enumerate(words))
    words = tuple(
        replace(word, speaker="B" if word.text.rstrip(",?") in ("four", "two") else "A")
        for word in words
    )
    entities = suspect_entities(words, {"password"})
    assert {5, 8, 9, 10} <= {index for index, _ in find_repeats(words, entities)}
