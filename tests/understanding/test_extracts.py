import pytest

from earshot.transcript.sentences import Sentence, split_sentences
from earshot.transcript.words import Word
from earshot.understanding.extracts import (
    MAX_GIST_WORDS,
    MAX_HEADLINE_WORDS,
    extract,
    gist_of,
    headline_of,
    pick_sentences,
    rank_sentences,
    tidy,
)

TALK = [
    "Um, so hello everybody, how are you?",
    "Smoke from wildfires in Canada lowers the air quality in Baltimore.",
    "The air quality in Baltimore is bad because of the smoke from wildfires.",
    "Yeah.",
    "My brother likes cheese.",
    "Wildfires in Canada send smoke to cities on the coast.",
]


def sentences_of(text: str) -> list[Sentence]:
    words = [Word(t, 300 * i, 300 * i + 250, 0.9) for i, t in enumerate(text.split())]
    return split_sentences(words)


def test_what_shares_words_with_the_rest_stands_for_it() -> None:
    merits = rank_sentences(TALK)
    assert {int(index) for index in merits.argsort()[-2:]} == {1, 2}
    assert merits[3] == 0


def test_a_sentence_that_repeats_another_is_not_picked_beside_it() -> None:
    assert pick_sentences([TALK[1], TALK[1], TALK[5]], 2) == [0, 2]


def test_sentences_come_in_the_order_in_which_they_were_said() -> None:
    picked = pick_sentences(TALK, 3)
    assert picked == sorted(picked)
    assert len(picked) == 3


def test_a_sentence_that_breaks_off_is_less_worth() -> None:
    broken = "Smoke from wildfires in Canada lowers the air quality and."
    assert pick_sentences([broken, TALK[1]], 1) == [1]


@pytest.mark.parametrize("texts", [[], ["Yes."], ["Um.", "Uh."], [""]])
def test_little_or_nothing_to_pick_from_is_no_error(texts: list[str]) -> None:
    assert len(pick_sentences(texts, 3)) <= len(texts)
    assert rank_sentences(texts).shape == (len(texts),)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("And so, um, the the smoke comes, okay, down.", "The smoke comes, down."),
        ("the smoke, uh, comes down,", "The smoke, comes down."),
        ("Really?", "Really?"),
        ("Um.", "Um."),
        ("Yeah, so, no, no, I know.", "No, no, I know."),
    ],
)
def test_a_sentence_is_tidied_for_reading(said: str, read: str) -> None:
    assert tidy(said) == read


def test_extracts_are_tidied() -> None:
    sentences = sentences_of("So, um, smoke comes down from Canada.")
    assert extract(sentences, 3) == ["Smoke comes down from Canada."]


def test_a_headline_is_one_sentence_that_is_not_long() -> None:
    talk = sentences_of(" ".join(TALK))
    assert headline_of(talk) in TALK
    long = "Smoke from wildfires comes to Baltimore, " * 8
    shortened = headline_of(sentences_of(long))
    assert len(shortened.split()) <= MAX_HEADLINE_WORDS
    assert shortened.endswith("Baltimore.")
    assert headline_of([]) == ""


def test_a_gist_is_a_few_words() -> None:
    gist = gist_of(sentences_of(" ".join(TALK)))
    assert 0 < len(gist.split()) <= MAX_GIST_WORDS
    assert "quality" in gist.lower() or "wildfires" in gist.lower()
    assert gist[0].isupper()
    assert gist_of(sentences_of("Yes, I did.")) == "I did"
    assert gist_of([]) == ""


def test_an_hour_of_sentences_takes_little_memory() -> None:
    many = [f"Word{index} is said beside word{index + 1} here." for index in range(5000)]
    assert len(pick_sentences(many, 2)) == 2
