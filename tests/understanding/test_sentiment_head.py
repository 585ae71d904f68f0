from importlib.resources import files

import numpy as np
import pytest

from earshot.understanding.encoder import ENCODER_SIZE, TokenStates
from earshot.understanding.sentiment_head import (
    FEELINGS,
    N_BUCKETS,
    N_CUES,
    StateWeights,
    buckets_of,
    bytes_of,
    cues_of,
    load_sentiment_head,
)

MAX_FILE_BYTES = 400_000


def tokens_of_chance(n_tokens: int) -> TokenStates:
    drawn = np.random.default_rng(3).normal(0, 0.1, (n_tokens, ENCODER_SIZE))
    states, places = drawn.astype(np.float32), tuple(range(n_tokens))
    return TokenStates(states, states, places, places)


def test_the_head_that_comes_with_the_package_is_small_and_has_its_card() -> None:
    package = files("earshot.understanding")
    assert 0 < len((package / "sentiment_head.npz").read_bytes()) <= MAX_FILE_BYTES
    card = (package / "sentiment_head.md").read_text(encoding="utf-8")
    assert "benchmarks.train_sentiment" in card
    assert "MIT" in card


def test_probabilities_add_up_to_one_with_states_and_without() -> None:
    head = load_sentiment_head()
    for tokens in (None, tokens_of_chance(5), tokens_of_chance(0)):
        shares = head.read("Nothing in particular", tokens)
        assert shares.shape == (len(FEELINGS),)
        assert shares.sum() == pytest.approx(1, abs=1e-5)
        assert shares.min() > 0


def test_a_text_without_tokens_is_read_by_its_words() -> None:
    head = load_sentiment_head()
    np.testing.assert_array_equal(head.read("", tokens_of_chance(0)), head.read("", None))


def test_the_order_of_tokens_does_not_matter_and_which_count_does() -> None:
    weights = StateWeights(
        hidden=np.eye(2, dtype=np.float32),
        hidden_bias=np.zeros(2, dtype=np.float32),
        attention=np.array([50, 0], dtype=np.float32),
        output=np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]], dtype=np.float32),
        bias=np.array([0, 0, 2], dtype=np.float32),
    )
    states = np.array([[1, 0], [0, 1], [0, 1]], dtype=np.float32)
    np.testing.assert_allclose(weights.logits(states), [1, 0, 2], atol=1e-6)
    np.testing.assert_allclose(weights.logits(states[::-1]), [1, 0, 2], atol=1e-6)


def test_a_word_that_is_negated_is_another_and_pairs_count() -> None:
    good, not_good = buckets_of("good"), buckets_of("not good")
    assert good[0] not in not_good
    assert buckets_of("Good") == good
    assert set(buckets_of("it is good")) > set(good)
    assert buckets_of("isn\u2019t good") == buckets_of("isn't good")
    assert buckets_of("") == []
    assert all(0 <= one < N_BUCKETS for one in buckets_of("any words at all, whatever they are"))


def test_cues_are_those_of_the_lexicon_and_of_marks_with_capitals_or_without() -> None:
    good, bad, nothing = (cues_of(text) for text in ("It is great.", "it is awful", "It is red."))
    assert good.shape == bad.shape == nothing.shape == (N_CUES,)
    assert not nothing.any()
    np.testing.assert_array_equal(good, cues_of("it is great"))
    assert (good != bad).sum() >= 6
    assert cues_of("it is red!?")[:2].all()
    assert cues_of("Is it red?")[0] == 0


def test_a_matrix_in_bytes_is_off_by_half_a_step_at_most() -> None:
    matrix = np.random.default_rng(4).normal(0, 1, (6, 3)).astype(np.float32)
    matrix[:, 1] = 0
    values, scales = bytes_of(matrix)
    assert (np.abs(values * scales - matrix) <= scales / 2 + 1e-7).all()
