from dataclasses import replace

import numpy as np
import pytest

from benchmarks.tagger_trainer import (
    Batch,
    Example,
    ask,
    first_head,
    gradients,
    join,
    shares_of_buckets,
    teach,
    train,
    weights_of,
)
from earshot.understanding.encoder import ENCODER_SIZE
from earshot.understanding.entities.tagger_head import N_LABELS, OUTSIDE, STATE_SIZE
from earshot.understanding.entities.word_features import describe_words

PERSON = 1
LAST = slice(0, ENCODER_SIZE)
EVERYTHING = slice(0, STATE_SIZE)


def example_of(text: str, named: str, seed: int = 0) -> Example:
    words = text.split()
    states = np.random.default_rng(seed).normal(0, 0.3, (len(words), STATE_SIZE))
    wanted = np.zeros((len(words), N_LABELS), dtype=np.float32)
    for row, word in zip(wanted, words, strict=True):
        row[PERSON if word == named else OUTSIDE] = 1
    return Example(states.astype(np.float16), describe_words(words), wanted)


EXAMPLES = [
    example_of(text, "jane", seed)
    for seed, text in enumerate(["ask jane now", "is jane there", "the report of today"] * 4)
]


def test_what_is_learnt_is_said_again() -> None:
    head = teach(EXAMPLES, 4, n_epochs=60, seed=1)
    scores = head.score(None, describe_words(["ask", "jane", "now"]))
    assert scores.argmax(axis=1).tolist() == [OUTSIDE, PERSON, OUTSIDE]


def test_the_same_seed_makes_the_same_head() -> None:
    one, other = (train(EXAMPLES, n_epochs=2, seed=3) for _ in range(2))
    for name, weights in weights_of(one).items():
        np.testing.assert_array_equal(weights, weights_of(other)[name])


def test_a_teacher_has_no_weights_for_the_layer_that_it_does_not_see() -> None:
    head = train(EXAMPLES, n_epochs=2, seed=3, seen=LAST)
    assert head.projection[:ENCODER_SIZE].any()
    assert not head.projection[ENCODER_SIZE:].any()


def test_teachers_have_half_a_say_where_a_word_is_marked_and_all_where_it_is_not() -> None:
    example = EXAMPLES[0]
    example.wanted[2] = 0
    head = first_head(np.random.default_rng(1), EVERYTHING)
    opinion = np.exp(head.score(example.states.astype(np.float32), example.features))
    asked = ask([head, head], example).wanted
    np.testing.assert_allclose(asked[2], opinion[2], atol=1e-5)
    np.testing.assert_allclose(asked[:2], (opinion[:2] + example.wanted[:2]) / 2, atol=1e-5)


def test_letters_are_read_as_the_head_reads_them() -> None:
    features = describe_words(["jane", "o'neill", "-"])
    head = first_head(np.random.default_rng(1), EVERYTHING)
    ours = shares_of_buckets(features) @ head.letters
    np.testing.assert_allclose(ours, head.read_letters(features), atol=1e-5)


@pytest.mark.parametrize("name", ["projection", "letters", "hidden", "output", "output_bias"])
def test_a_gradient_is_how_the_loss_changes(name: str) -> None:
    head = first_head(np.random.default_rng(1), EVERYTHING)
    batch: Batch = join(EXAMPLES, np.random.default_rng(2))
    _, slopes = gradients(head, batch, np.random.default_rng(3))
    # The weight of which the loss depends most: what chance drops is the same each time.
    place = np.unravel_index(np.abs(slopes[name]).argmax(), slopes[name].shape)
    losses = []
    for step in (1e-2, -1e-2):
        moved = weights_of(head)[name].copy()
        moved[place] += step
        changed = replace(head, **{name: moved})
        losses.append(gradients(changed, batch, np.random.default_rng(3))[0])
    assert (losses[0] - losses[1]) / 2e-2 == pytest.approx(slopes[name][place], rel=0.05)
