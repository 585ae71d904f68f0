"""Gradient descent for the head of the tagger; `train_tagger.py` says what it learns from.

Three heads learn from what is marked, each from other layers of the encoder; the one that is kept
learns from what is marked and from what those three make of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np
import numpy.typing as npt
from scipy import sparse

from earshot.understanding.encoder import ENCODER_SIZE
from earshot.understanding.entities.tagger_head import (
    N_LABELS,
    OUTSIDE,
    REACH,
    STATE_SIZE,
    TaggerHead,
    around,
    n_inputs,
)
from earshot.understanding.entities.word_features import N_BUCKETS, N_FLAGS, WordFeatures

PROJECTION_SIZE = 96
LETTERS_SIZE = 24
HIDDEN_SIZE = 160
BATCH_WORDS = 768
LEARNING_RATE = 2e-3
SETTLING_RATE = 1.2e-3
SETTLING_OTHERS, SETTLING_TEMPLATES = 7500, 5000
# How often an example has no states: by that the head works without an encoder, too.
NO_STATES = 0.15
NO_LISTS = 0.25  # how often the lists are silent about a sentence: they know few of all names
DROPOUT = 0.2
AVERAGED = 0.998  # what is shipped is a running mean of the weights, of about 500 steps
NAME_WEIGHT = 1.5  # of a word that is of a type; most are of none
# What each teacher sees of the states: the last layer, the middle one, or both.
TEACHERS = (slice(0, ENCODER_SIZE), slice(ENCODER_SIZE, STATE_SIZE), slice(0, STATE_SIZE))
TAUGHT = 0.5  # how much of what is wanted of a marked word is the teachers' opinion
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A sentence as the head sees it, and how probable each label of a word is to be.

    Of what is not judged no label is.
    """

    states: npt.NDArray[np.float16]
    features: WordFeatures
    wanted: Floats  # (n_words, N_LABELS)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Sentences one behind the other, with blank rows between them that no window looks across."""

    states: Floats
    features: WordFeatures
    wanted: Floats
    has_states: Floats  # (n, 1)


def first_head(rng: np.random.Generator, seen: slice) -> TaggerHead:
    def normal(rows: int, columns: int, scale: float) -> Floats:
        return (rng.standard_normal((rows, columns)) * scale).astype(np.float32)

    size = n_inputs(PROJECTION_SIZE, LETTERS_SIZE)
    projection = np.zeros((STATE_SIZE, PROJECTION_SIZE), dtype=np.float32)
    n_seen = seen.stop - seen.start
    projection[seen] = normal(n_seen, PROJECTION_SIZE, 1 / np.sqrt(n_seen))
    return TaggerHead(
        projection=projection,
        letters=normal(N_BUCKETS, LETTERS_SIZE, 0.3),
        hidden=normal(size, HIDDEN_SIZE, np.sqrt(2 / size)),
        hidden_bias=np.zeros(HIDDEN_SIZE, dtype=np.float32),
        output=normal(HIDDEN_SIZE, N_LABELS, np.sqrt(1 / HIDDEN_SIZE)),
        output_bias=np.zeros(N_LABELS, dtype=np.float32),
    )


def weights_of(head: TaggerHead) -> dict[str, Floats]:
    return {
        "projection": head.projection,
        "letters": head.letters,
        "hidden": head.hidden,
        "hidden_bias": head.hidden_bias,
        "output": head.output,
        "output_bias": head.output_bias,
    }


def join(examples: Sequence[Example], rng: np.random.Generator) -> Batch:
    states: list[Floats] = []
    flags: list[Floats] = []
    pieces: list[npt.NDArray[np.int32]] = []
    wanted: list[Floats] = []
    known: list[Floats] = []
    for example in examples:
        n_words = len(example.wanted)
        keeps = rng.random() >= NO_STATES
        rows = example.states.astype(np.float32)
        states += [
            rows if keeps else np.zeros_like(rows),
            np.zeros((REACH, STATE_SIZE), dtype=np.float32),
        ]
        shown = example.features.flags
        if rng.random() < NO_LISTS:
            shown = shown.copy()
            shown[:, 16:] = 0
        flags += [shown, np.zeros((REACH, N_FLAGS), dtype=np.float32)]
        blank = np.full((REACH, example.features.pieces.shape[1]), -1, dtype=np.int32)
        pieces += [example.features.pieces, blank]
        wanted += [example.wanted, np.zeros((REACH, N_LABELS), dtype=np.float32)]
        known += [
            np.full((n_words, 1), keeps, dtype=np.float32),
            np.zeros((REACH, 1), dtype=np.float32),
        ]
    return Batch(
        np.concatenate(states).astype(np.float32),
        WordFeatures(np.concatenate(flags).astype(np.float32), np.concatenate(pieces)),
        np.concatenate(wanted).astype(np.float32),
        np.concatenate(known).astype(np.float32),
    )


def shares_of_buckets(features: WordFeatures) -> sparse.csr_array:
    """(n_words, N_BUCKETS): times `letters` it is what `TaggerHead.read_letters` reads."""
    is_piece = features.pieces >= 0
    counts = is_piece.sum(axis=1)
    values = np.repeat(1 / np.maximum(counts, 1), counts).astype(np.float32)
    bounds = np.concatenate([[0], np.cumsum(counts)])
    return sparse.csr_array(
        (values, features.pieces[is_piece], bounds), shape=(len(counts), N_BUCKETS)
    )


def around_back(gradient: Floats, reach: int, size: int) -> Floats:
    """What `around` spread, gathered."""
    n_rows = len(gradient)
    padded = np.zeros((n_rows + 2 * reach, size), dtype=np.float32)
    for shift in range(2 * reach + 1):
        padded[shift : shift + n_rows] += gradient[:, shift * size : (shift + 1) * size]
    return padded[reach : reach + n_rows]


def gradients(
    head: TaggerHead, batch: Batch, rng: np.random.Generator
) -> tuple[float, dict[str, Floats]]:
    """The mean loss of the judged words, and how it changes with each weight."""
    projected = batch.states @ head.projection
    shares = shares_of_buckets(batch.features)
    letters = shares @ head.letters
    inputs = np.concatenate(
        [
            around(projected, REACH),
            around(batch.features.flags, REACH),
            around(letters, 1),
            batch.has_states,
        ],
        axis=1,
    )
    keep_in = (rng.random(inputs.shape, dtype=np.float32) > 0.1) / np.float32(0.9)
    inputs *= keep_in
    before = inputs @ head.hidden + head.hidden_bias
    keep = (rng.random(before.shape, dtype=np.float32) > DROPOUT) / np.float32(1 - DROPOUT)
    active = np.maximum(before, 0) * keep
    logits = active @ head.output + head.output_bias
    logits -= logits.max(axis=1, keepdims=True)
    odds = np.exp(logits)
    odds /= odds.sum(axis=1, keepdims=True)
    is_judged = batch.wanted.any(axis=1)
    weights = is_judged * (NAME_WEIGHT - (NAME_WEIGHT - 1) * batch.wanted[:, OUTSIDE])
    weights = (weights / weights.sum()).astype(np.float32)[:, None]
    loss = float(-(weights * batch.wanted * np.log(odds + 1e-9)).sum())
    slope = (odds - batch.wanted) * weights
    to_active = (slope @ head.output.T) * keep * (before > 0)
    to_inputs = (to_active @ head.hidden.T) * keep_in
    width = (2 * REACH + 1) * PROJECTION_SIZE
    at_letters = width + (2 * REACH + 1) * N_FLAGS
    to_projected = around_back(to_inputs[:, :width], REACH, PROJECTION_SIZE)
    to_letters = around_back(to_inputs[:, at_letters:-1], 1, LETTERS_SIZE)
    return loss, {
        "projection": batch.states.T @ to_projected,
        "letters": shares.T @ to_letters,
        "hidden": inputs.T @ to_active,
        "hidden_bias": to_active.sum(axis=0),
        "output": active.T @ slope,
        "output_bias": slope.sum(axis=0),
    }


def train(
    examples: Sequence[Example],
    *,
    n_epochs: int,
    seed: int,
    start: TaggerHead | None = None,
    seen: slice = slice(0, STATE_SIZE),
    rate_at_first: float = LEARNING_RATE,
) -> TaggerHead:
    """Adam with a rate that falls to nothing, weights that decay, and at last their mean.

    Of the states only what is `seen` has weights.
    """
    rng = np.random.default_rng(seed)
    head = start or first_head(rng, seen)
    is_seen = np.zeros((STATE_SIZE, 1), dtype=np.float32)
    is_seen[seen] = 1
    weights = weights_of(head)
    averaged = {name: value.copy() for name, value in weights.items()}
    means = {name: np.zeros_like(value) for name, value in weights.items()}
    squares = {name: np.zeros_like(value) for name, value in weights.items()}
    n_steps = n_epochs * sum(1 for _ in batches(examples, np.random.default_rng(0)))
    step = 0
    for epoch in range(n_epochs):
        losses = []
        for chosen in batches(examples, rng):
            step += 1
            loss, slopes = gradients(head, join(chosen, rng), rng)
            slopes["projection"] *= is_seen
            losses.append(loss)
            rate = rate_at_first * max(0.02, 1 - step / n_steps) * min(1, step / 100)
            for name, slope in slopes.items():
                means[name] += 0.1 * (slope - means[name])
                squares[name] += 0.001 * (slope**2 - squares[name])
                up = means[name] / (1 - 0.9**step)
                down = np.sqrt(squares[name] / (1 - 0.999**step)) + 1e-8
                weights[name] -= (rate * (up / down + 0.01 * weights[name])).astype(np.float32)
                share = 1 - min(AVERAGED, step / (step + 20))
                averaged[name] += share * (weights[name] - averaged[name])
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}", flush=True)
    return TaggerHead(**averaged)


def batches(examples: Sequence[Example], rng: np.random.Generator) -> Iterator[list[Example]]:
    chosen: list[Example] = []
    n_words = 0
    for index in rng.permutation(len(examples)):
        chosen.append(examples[index])
        n_words += len(examples[index].wanted) + REACH
        if n_words >= BATCH_WORDS:
            yield chosen
            chosen, n_words = [], 0
    if chosen:
        yield chosen


def settle(
    head: TaggerHead, examples: Sequence[Example], n_templates: int, *, seed: int, seen: slice
) -> TaggerHead:
    """A few more rounds with more of the sentences of calls, which are last in `examples`."""
    others, templates = examples[:-n_templates], examples[-n_templates:]
    rng = Random(seed)
    chosen = rng.sample(others, min(len(others), SETTLING_OTHERS))
    chosen += rng.sample(templates, min(len(templates), SETTLING_TEMPLATES))
    return train(chosen, n_epochs=2, seed=seed, start=head, seen=seen, rate_at_first=SETTLING_RATE)


def teach(examples: Sequence[Example], n_templates: int, *, n_epochs: int, seed: int) -> TaggerHead:
    """One head of what is marked and of what three others make of every word, marked or not."""
    teachers = []
    for number, seen in enumerate(TEACHERS):
        head = train(examples, n_epochs=n_epochs, seed=seed + number, seen=seen)
        teachers.append(settle(head, examples, n_templates, seed=seed, seen=seen))
    taught = [ask(teachers, one) for one in examples]
    everything = slice(0, STATE_SIZE)
    head = train(taught, n_epochs=n_epochs, seed=seed)
    return settle(head, taught, n_templates, seed=seed, seen=everything)


def ask(teachers: Sequence[TaggerHead], example: Example) -> Example:
    """The example as the teachers see it on average, and as it is marked."""
    states = example.states.astype(np.float32)
    odds = [np.exp(one.score(states, example.features)) for one in teachers]
    opinion = np.mean(odds, axis=0, dtype=np.float32)
    is_marked = example.wanted.any(axis=1, keepdims=True)
    both = TAUGHT * opinion + (1 - TAUGHT) * example.wanted
    return replace(example, wanted=np.where(is_marked, both, opinion))
