from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from earshot.transcript.options import RedactionOptions
from earshot.transcript.words import Word
from earshot.understanding.encoder import ENCODER_SIZE, TokenStates, Vectors
from earshot.understanding.entities.tagger import TrainedTagger, states_of_words
from earshot.understanding.entities.tagger_head import (
    N_LABELS,
    OUTSIDE,
    TAGGED_TYPES,
    TaggerHead,
    load_head,
)
from earshot.understanding.redaction.redact import redact_words


class NumberedTokens:
    """An encoder whose tokens are the words, each with its number as state."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.zeros((len(texts), ENCODER_SIZE), dtype=np.float32)

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenStates]:
        self.read += texts
        return [tokens_of(text) for text in texts]


def tokens_of(text: str) -> TokenStates:
    starts, position = [], 0
    for word in text.split(" "):
        starts.append(position)
        position += len(word) + 1
    ends = tuple(start + len(word) for start, word in zip(starts, text.split(" "), strict=True))
    states = np.repeat(np.arange(len(starts), dtype=np.float32)[:, None], ENCODER_SIZE, axis=1)
    return TokenStates(states, states + 100, tuple(starts), ends)


def say(text: str) -> list[Word]:
    return [Word(word, 0, 1, 1.0) for word in text.split()]


def named(text: str) -> set[tuple[str, str]]:
    words = say(text)
    return {
        (one.entity_type, " ".join(word.text for word in words[one.first : one.end]))
        for one in TrainedTagger(None).tag(words)
        if one.is_sure
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my name is jane smith", ("person_name", "jane smith")),
        ("I live in Boston now.", ("location", "Boston")),
        ("they put me on metformin last week", ("drug", "metformin")),
    ],
)
def test_plain_names_are_found_without_an_encoder(text: str, expected: tuple[str, str]) -> None:
    assert expected in named(text)


def test_what_is_doubtful_is_told_apart_and_what_is_sure_is_among_it() -> None:
    words = say("so jane told me that boston is where the firm of gupta is")
    found = TrainedTagger(None).tag(words)
    sure = {i for one in found if one.is_sure for i in range(one.first, one.end)}
    doubted = {i for one in found if not one.is_sure for i in range(one.first, one.end)}
    assert sure <= doubted


def head_of(odds: dict[str, float]) -> TaggerHead:
    """A head that thinks the same of every word: the probability that it begins each type."""
    shipped = load_head()
    bias = np.full(N_LABELS, -9, dtype=np.float32)
    bias[OUTSIDE] = np.log(1 - sum(odds.values()))
    for entity_type, probability in odds.items():
        bias[1 + 2 * TAGGED_TYPES.index(entity_type)] = np.log(probability)
    return replace(shipped, output=np.zeros_like(shipped.output), output_bias=bias)


@pytest.mark.parametrize(("rival", "is_hidden"), [(0.2, True), (0.01, False)])
def test_a_name_is_hidden_as_another_type_that_it_may_well_be(
    rival: float, is_hidden: bool
) -> None:
    tagger = TrainedTagger(None, head_of({"organization": 0.78, "location": rival}))
    found = tagger.tag(say("clover"))
    assert {one.entity_type for one in found if one.is_sure} == {"organization"}
    assert ("location" in {one.entity_type for one in found}) == is_hidden
    hidden = redact_words(say("clover"), RedactionOptions(("location",)), tagger)
    assert ("clover" not in hidden[0].text) == is_hidden


def test_every_word_has_a_score_however_long_the_talk_is() -> None:
    encoder = NumberedTokens()
    texts = ["word"] * 500
    scores = TrainedTagger(encoder).score(texts)
    assert np.isfinite(scores).all()
    assert (np.abs(scores).sum(axis=1) > 0).all()
    assert max(len(text.split()) for text in encoder.read) < 70


def test_a_word_of_several_tokens_has_the_means_of_their_states_in_both_layers() -> None:
    states = np.repeat(np.array([[1.0], [3.0], [5.0]], dtype=np.float32), ENCODER_SIZE, axis=1)
    tokens = TokenStates(states, 10 * states, (0, 2, 5), (2, 4, 7))
    found = states_of_words(["abcd", "ef"], tokens)
    assert found[:, 0].tolist() == [2.0, 5.0]
    assert found[:, -1].tolist() == [20.0, 50.0]


def test_no_words_name_nothing() -> None:
    assert TrainedTagger(None).tag([]) == []


def test_a_policy_hides_a_name_wherever_it_is_said() -> None:
    words = say("my name is jane smith thanks. No, jane. I take metformin in Boston.")
    hidden = redact_words(words, RedactionOptions(("person_name",)), TrainedTagger(None))
    text = " ".join(word.text for word in hidden)
    assert "jane" not in text
    assert "smith" not in text
    assert "metformin" in text


def test_a_state_of_the_lists_is_a_place_whatever_it_looks_like() -> None:
    assert ("location", "Virginia") in named("She moved to Virginia in May.")
