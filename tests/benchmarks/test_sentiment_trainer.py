from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from benchmarks.sentiment_examples import ReadExamples
from benchmarks.sentiment_trainer import Recipe, Trainer, softmax
from earshot.understanding.encoder import ENCODER_SIZE
from earshot.understanding.sentiment_head import N_BUCKETS, N_CUES, StateWeights

RECIPE = Recipe(uses_states=True, size=4, dropout=0.0, n_epochs=30, batch=8, rate=1e-2)


def examples_of_chance(n: int) -> ReadExamples:
    """Sentences whose feeling stands in the first numbers of one of their tokens."""
    rng = np.random.default_rng(6)
    n_tokens = rng.integers(1, 5, n)
    states = rng.normal(0, 0.1, (n_tokens.sum(), ENCODER_SIZE))
    feelings = rng.integers(0, 3, n)
    states[np.cumsum(n_tokens) - 1, feelings] += 5
    return ReadExamples(
        np.eye(3, dtype=np.float32)[feelings],
        np.ones(n, dtype=np.float32),
        states.astype(np.float16),
        n_tokens,
        sparse.csr_array(np.zeros((n, N_BUCKETS), dtype=np.float32)),
        np.zeros((n, N_CUES), dtype=np.float32),
    )


def test_what_is_in_the_states_is_learnt() -> None:
    examples = examples_of_chance(80)
    trainer = Trainer(RECIPE, seed=1)
    trainer.train(examples)
    found = trainer.logits(examples).argmax(axis=1)
    assert (found == examples.targets.argmax(axis=1)).mean() > 0.95


@pytest.mark.parametrize("name", ["hidden", "hidden_bias", "attention", "output", "bias"])
def test_slopes_are_those_of_what_is_lost(name: str) -> None:
    examples = examples_of_chance(6)
    trainer = Trainer(RECIPE, seed=2)
    trainer.weights["attention"] += np.float32(0.3)
    trainer.weights = {name: array.astype(np.float64) for name, array in trainer.weights.items()}

    def loss() -> float:
        shares = softmax(trainer.logits(examples).astype(np.float64))
        return float(-(examples.targets * np.log(shares)).sum(axis=1).mean())

    slopes = trainer.slopes(examples)[name]
    place = np.unravel_index(np.abs(slopes).argmax(), slopes.shape)
    step = 1e-3
    trainer.weights[name][place] += step
    above = loss()
    trainer.weights[name][place] -= 2 * step
    below = loss()
    assert slopes[place] == pytest.approx((above - below) / (2 * step), rel=0.02)


def test_without_states_words_and_cues_are_learnt() -> None:
    examples = examples_of_chance(80)
    told = examples.targets.argmax(axis=1)
    cues = np.zeros((80, N_CUES), dtype=np.float32)
    cues[np.arange(80), told] = told < 2  # the third feeling shows in a word alone
    words = sparse.lil_array((80, N_BUCKETS), dtype=np.float32)
    words[np.flatnonzero(told == 2), 5] = 1
    trainer = Trainer(replace(RECIPE, uses_states=False), seed=4)
    trainer.train(replace(examples, cues=cues, words=sparse.csr_array(words)))
    found = trainer.logits(replace(examples, cues=cues, words=sparse.csr_array(words)))
    assert (found.argmax(axis=1) == told).mean() > 0.95
    assert set(trainer.weights) == {"words", "cues", "bias"}


def test_the_head_says_what_the_trainer_says() -> None:
    examples = replace(examples_of_chance(1), n_tokens=np.array([3]))
    examples = replace(examples, states=np.ones((3, ENCODER_SIZE), dtype=np.float16))
    trainer = Trainer(RECIPE, seed=3)
    trainer.weights["bias"] += np.array([1, 2, 3], dtype=np.float32)
    names = ("hidden", "hidden_bias", "attention", "output", "bias")
    head = StateWeights(*(trainer.weights[name] for name in names))
    expected = trainer.logits(examples)[0]
    np.testing.assert_allclose(
        head.logits(examples.states.astype(np.float32)), expected, rtol=1e-4, atol=1e-5
    )
