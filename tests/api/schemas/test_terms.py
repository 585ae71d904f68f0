import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.api.schemas.rules import MAX_TERMS, MAX_WORDS_PER_TERM
from earshot.api.schemas.terms import listed_vocabulary, terms_of_prompt, vocabulary_of
from earshot.api.schemas.transcript_request import TranscriptRequest
from earshot.errors import RequestInvalid
from earshot.transcript.options import Vocabulary


def vocabulary(**parameters: object) -> Vocabulary:
    return vocabulary_of(
        TranscriptRequest.parse({"audio_url": "https://example.com/a.mp3", **parameters})
    )


def test_without_terms_there_is_no_vocabulary() -> None:
    assert vocabulary() == Vocabulary()
    assert vocabulary(word_boost=[], boost_param="high") == Vocabulary()


def test_terms_are_taken_once_in_their_order_and_as_they_are_written() -> None:
    both = vocabulary(word_boost=["Andrés", "gRPC "], keyterms_prompt=["gRPC", "Old  Kent Road"])
    assert both.terms == ("Andrés", "gRPC", "Old Kent Road")


@pytest.mark.parametrize(
    ("parameters", "strength"),
    [
        ({"word_boost": ["a"]}, "default"),
        ({"word_boost": ["a"], "boost_param": "low"}, "low"),
        ({"word_boost": ["a"], "boost_param": "high"}, "high"),
        ({"keyterms_prompt": ["a"]}, "default"),
        (
            {
                "keyterms_prompt": ["a"],
                "keyterms_prompt_options": {"keyterms_match_strength": "standard"},
            },
            "default",
        ),
        (
            {
                "keyterms_prompt": ["a"],
                "keyterms_prompt_options": {"keyterms_match_strength": "high"},
            },
            "high",
        ),
        ({"keyterms_prompt": ["a"], "boost_param": "high"}, "default"),
        (
            {
                "word_boost": ["a"],
                "boost_param": "low",
                "keyterms_prompt": ["b"],
                "keyterms_prompt_options": {"keyterms_match_strength": "high"},
            },
            "high",
        ),
    ],
)
def test_the_strength_is_that_of_the_parameter_that_has_terms(
    parameters: dict[str, Any], strength: str
) -> None:
    assert vocabulary(**parameters).strength == strength


@pytest.mark.parametrize(
    ("prompt", "terms"),
    [
        (
            "A lecture on Zarathustra by Friedrich Nietzsche.",
            ["Zarathustra", "Friedrich Nietzsche"],
        ),
        ("Tomorrow we meet. Nobody is named.", []),
        ("Anna Karenina is the heroine. I am not.", ["Anna Karenina"]),
        ('They speak of "superposition" here.', ["superposition"]),
        ("they speak of “spooky action” here.", ["spooky action"]),
        ("Spell these: kubectl, gRPC, etcd.", ["kubectl", "gRPC", "etcd"]),
        ("crayfish bisque, lobster", ["crayfish bisque", "lobster"]),
        ("we met, talked, and left.", []),
        ("all run on k8s and GPT4.", ["k8s", "GPT4"]),
        ("\n", []),
    ],
)
def test_a_prompt_names_terms(prompt: str, terms: list[str]) -> None:
    assert terms_of_prompt(prompt) == terms
    assert vocabulary(prompt=prompt).terms == tuple(terms)


@given(prompt=st.text(max_size=300))
def test_terms_of_any_prompt_keep_to_the_limits(prompt: str) -> None:
    terms = terms_of_prompt(prompt)
    assert len(terms) <= MAX_TERMS
    assert all(1 <= len(term.split()) <= MAX_WORDS_PER_TERM for term in terms)


@pytest.mark.parametrize("mark", ["\u201c", "\u00ab", '"', "(", ":", ", ", "A ", ". "])
def test_a_prompt_of_one_mark_in_a_row_is_read_at_once(mark: str) -> None:
    began_s = time.process_time()
    terms_of_prompt(mark * 60_000)
    assert time.process_time() - began_s < 1  # it would be minutes, were each read to the end


def test_a_list_and_a_prompt_are_one_vocabulary_within_limits() -> None:
    both = listed_vocabulary("keywords", ["gRPC ", "", "gRPC"], "We met Rosie Moreno.")
    assert both == Vocabulary(("gRPC", "Rosie Moreno"))
    with pytest.raises(RequestInvalid, match="keywords must be a list of at most 1000 unique"):
        listed_vocabulary("keywords", [f"term{n}" for n in range(MAX_TERMS + 1)], "")
    with pytest.raises(RequestInvalid, match="of terms of at most 200 characters each"):
        listed_vocabulary("keywords", ["x" * 201], "")


def test_a_word_too_long_for_a_term_is_none_of_a_prompt_s() -> None:
    assert terms_of_prompt(f"Names: X{'x' * 4_000_000}, Rosie Moreno") == ["Rosie Moreno"]
