"""Secrets that are said again."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from earshot.transcript.words import Word
from earshot.understanding.entities.candidates import Tagged
from earshot.understanding.entities.detection import suspect_entities
from earshot.understanding.redaction.repeats import find_repeats, names_of, secrets_of
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
        ("it's jane.doe@example.com, so j a n e dot doe", "email_address", [3, 4, 5, 6, 7, 8]),
        ("it's jane dot doe at example dot com. Doe with an e", "email_address", []),
        ("it's jane@example.com, I am jane", "email_address", []),
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


def test_what_was_said_before_the_words_is_found_in_them() -> None:
    known = dict.fromkeys(secrets_of(suspect_entities(say("my pin is 4242"), {"password"})))
    assert list(known) == [("4242", "password")]
    again = list(find_repeats(say("so four two four two it is"), (), known))
    assert again == [(index, "password") for index in (1, 2, 3, 4)]


def test_sure_names_are_kept_and_of_people_each_word() -> None:
    class Names:
        def tag(self, words: Sequence[Word]) -> Iterator[Tagged]:
            assert len(words) == 8
            yield Tagged("person_name", 1, 3, is_sure=True)
            yield Tagged("location", 4, 6, is_sure=True)
            yield Tagged("person_name", 7, 8, is_sure=False)

    types = {"person_name", "location"}
    entities = suspect_entities(say("so Will Miller left New York with Grace"), types, Names())
    assert set(names_of(entities)) == {
        ("willmiller", "person_name"),
        ("miller", "person_name"),
        ("newyork", "location"),
    }
