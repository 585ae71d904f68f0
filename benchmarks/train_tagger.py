"""Train the head of the tagger and write it; needs the encoder, and some minutes.

Run as `python -m benchmarks.train_tagger --data ../shared/eval`, with `earshot models pull minilm`
before. What it learns from is named in its card, `tagger_head.md`, and so is what it never sees.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt

from benchmarks.names import f1_row, find_names, load_encoder, read_scored
from benchmarks.tagger_casual import make_casual
from benchmarks.tagger_messages import read_messages, split_marks
from benchmarks.tagger_rows import read_marked, read_pii, read_wnut, without_case
from benchmarks.tagger_sentences import HERE, NOTHING, UNKNOWN, Sentence, make_sentences
from earshot.understanding.encoder import TextEncoder
from earshot.understanding.entities.tagger import TrainedTagger, states_of_words
from earshot.understanding.entities.tagger_head import (
    N_LABELS,
    REACH,
    STATE_SIZE,
    TAGGED_TYPES,
    TaggerHead,
    around,
    n_inputs,
    pack_head,
    unpack_head,
)
from earshot.understanding.entities.word_features import (
    N_BUCKETS,
    N_FLAGS,
    WordFeatures,
    describe_words,
)

HEAD = HERE.parent / "src/earshot/understanding/entities/tagger_head.npz"
PROJECTION_SIZE = 96
LETTERS_SIZE = 24
HIDDEN_SIZE = 160
N_GENERATED = 9000
N_CASUAL = 4000
MOST_TEXTS = 2500  # of each set of talk and reviews, most of which names nobody
N_EPOCHS = 6
BATCH_WORDS = 768
LEARNING_RATE = 2e-3
SETTLING_RATE = 1.2e-3
SETTLING_OTHERS, SETTLING_TEMPLATES = 7500, 5000
SEED = 7
# How often an example has no states: by that the head works without an encoder, too.
NO_STATES = 0.15
NO_LISTS = 0.25  # how often the lists are silent about a sentence: they know few of all names
DROPOUT = 0.2
AVERAGED = 0.998  # what is shipped is a running mean of the weights, of about 500 steps
NAME_WEIGHT = 1.5  # of a word that is of a type; most are of none
Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A sentence as the head sees it; a label of -1 is not judged."""

    states: npt.NDArray[np.float16]
    features: WordFeatures
    labels: Labels


def label_of(tag: str) -> int:
    if tag == UNKNOWN:
        return -1
    if tag == NOTHING:
        return 0
    return 1 + 2 * TAGGED_TYPES.index(tag[2:]) + (tag[0] == "I")


def vary(sentence: Sentence, rng: Random) -> Sentence:
    """As it is, or as one of the engines would write it: without case, marks, or both."""
    kind = rng.random()
    if kind < 0.45:
        return sentence
    if kind < 0.85:
        return without_case(sentence)
    if kind < 0.93:
        return replace(sentence, words=tuple(word.lower() for word in sentence.words))
    bare = [word.strip('.,?!;:"()') or word for word in sentence.words]
    return replace(sentence, words=tuple(bare))


def read_sets(data: Path) -> dict[str, list[Sentence]]:
    """By name what is learnt from."""
    sets = {
        name: Random(SEED).sample(found, min(len(found), MOST_TEXTS))
        for name, found in read_marked(data).items()
    }
    sets["presidio even"] = read_pii(data, 0) * 2
    for name, messages in read_messages(data).items():
        apart = [split_marks(one) for one in messages]
        sets[name] = [*messages, *apart, *apart]
    sets["casual"] = make_casual(SEED, N_CASUAL)
    sets["templates"] = make_sentences(SEED, N_GENERATED)
    return sets


def encode(sentences: Sequence[Sentence], encoder: TextEncoder) -> list[Example]:
    examples: list[Example] = []
    for start in range(0, len(sentences), 256):
        batch = sentences[start : start + 256]
        read = encoder.encode_tokens([" ".join(sentence.words) for sentence in batch])
        for sentence, tokens in zip(batch, read, strict=True):
            states = states_of_words(sentence.words, tokens).astype(np.float16)
            labels = np.array([label_of(tag) for tag in sentence.tags], dtype=np.int64)
            examples.append(Example(states, describe_words(sentence.words), labels))
    return examples


def first_head(rng: np.random.Generator) -> TaggerHead:
    def normal(rows: int, columns: int, scale: float) -> Floats:
        return (rng.standard_normal((rows, columns)) * scale).astype(np.float32)

    size = n_inputs(PROJECTION_SIZE, LETTERS_SIZE)
    return TaggerHead(
        projection=normal(STATE_SIZE, PROJECTION_SIZE, 1 / np.sqrt(STATE_SIZE)),
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


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Sentences one behind the other, with blank rows between them that no window looks across."""

    states: Floats
    features: WordFeatures
    labels: Labels
    has_states: Floats  # (n, 1)


def join(examples: Sequence[Example], rng: np.random.Generator) -> Batch:
    states: list[Floats] = []
    flags: list[Floats] = []
    pieces: list[npt.NDArray[np.int32]] = []
    labels: list[Labels] = []
    known: list[Floats] = []
    for example in examples:
        n_words = len(example.labels)
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
        labels += [example.labels, np.full(REACH, -1, dtype=np.int64)]
        known += [
            np.full((n_words, 1), keeps, dtype=np.float32),
            np.zeros((REACH, 1), dtype=np.float32),
        ]
    return Batch(
        np.concatenate(states).astype(np.float32),
        WordFeatures(np.concatenate(flags).astype(np.float32), np.concatenate(pieces)),
        np.concatenate(labels).astype(np.int64),
        np.concatenate(known).astype(np.float32),
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
    letters = head.read_letters(batch.features)
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
    judged = np.flatnonzero(batch.labels >= 0)
    labels = batch.labels[judged]
    weights = np.where(labels > 0, NAME_WEIGHT, 1.0).astype(np.float32)
    weights /= weights.sum()
    loss = float(-(weights * np.log(odds[judged, labels] + 1e-9)).sum())
    slope = np.zeros_like(odds)
    slope[judged] = odds[judged]
    slope[judged, labels] -= 1
    slope[judged] *= weights[:, None]
    to_active = (slope @ head.output.T) * keep * (before > 0)
    to_inputs = (to_active @ head.hidden.T) * keep_in
    width = (2 * REACH + 1) * PROJECTION_SIZE
    at_letters = width + (2 * REACH + 1) * N_FLAGS
    to_projected = around_back(to_inputs[:, :width], REACH, PROJECTION_SIZE)
    to_letters = around_back(to_inputs[:, at_letters:-1], 1, LETTERS_SIZE)
    pieces = batch.features.pieces
    is_piece = pieces >= 0
    shares = to_letters / np.maximum(is_piece.sum(axis=1), 1)[:, None]
    rows, columns = np.nonzero(is_piece)
    buckets = np.zeros_like(head.letters)
    np.add.at(buckets, pieces[rows, columns], shares[rows].astype(np.float32))
    return loss, {
        "projection": batch.states.T @ to_projected,
        "letters": buckets,
        "hidden": inputs.T @ to_active,
        "hidden_bias": to_active.sum(axis=0),
        "output": active.T @ slope,
        "output_bias": slope.sum(axis=0),
    }


def train(
    examples: Sequence[Example],
    *,
    n_epochs: int = N_EPOCHS,
    seed: int = SEED,
    start: TaggerHead | None = None,
    rate_at_first: float = LEARNING_RATE,
) -> TaggerHead:
    """Adam with a rate that falls to nothing, weights that decay, and at last their mean."""
    rng = np.random.default_rng(seed)
    head = start or first_head(rng)
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


def settle(head: TaggerHead, examples: Sequence[Example], n_templates: int) -> TaggerHead:
    """A few more rounds with more of the sentences of calls, which are last in `examples`."""
    others, templates = examples[:-n_templates], examples[-n_templates:]
    rng = Random(SEED)
    chosen = rng.sample(others, min(len(others), SETTLING_OTHERS))
    chosen += rng.sample(templates, min(len(templates), SETTLING_TEMPLATES))
    return train(chosen, n_epochs=2, start=head, rate_at_first=SETTLING_RATE)


def batches(examples: Sequence[Example], rng: np.random.Generator) -> Iterator[list[Example]]:
    chosen: list[Example] = []
    n_words = 0
    for index in rng.permutation(len(examples)):
        chosen.append(examples[index])
        n_words += len(examples[index].labels) + REACH
        if n_words >= BATCH_WORDS:
            yield chosen
            chosen, n_words = [], 0
    if chosen:
        yield chosen


def measure(head: TaggerHead, encoder: TextEncoder | None, data: Path) -> list[tuple[str, ...]]:
    """A row for each set that is scored: F1 of all names, then of each type."""
    tagger = TrainedTagger(encoder, head)
    return [
        (name, *f1_row(sentences, lambda words: find_names(tagger, words)))
        for name, sentences in read_scored(data).items()
    ]


def left_out(name: str, data: Path) -> list[Sentence]:
    """The rows of a set, with everything judged, to score it left out; WNUT17 dev always is."""
    if name == "wnut17 dev":
        return read_wnut(data / "text/ner/wnut17_dev.jsonl", judges_others=True)
    messages = read_messages(data)
    return messages[name] if name in messages else read_pii(data, 0)


def make_examples(
    sets: Mapping[str, Sequence[Sentence]], encoder: TextEncoder, left: str | None = None
) -> list[Example]:
    rng = Random(SEED)
    chosen = [one for name, listed in sets.items() if name != left for one in listed]
    return encode([vary(one, rng) for one in chosen if one.words], encoder)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train_tagger", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with text/")
    parser.add_argument("--out", type=Path, default=HEAD, help="file for the head")
    parser.add_argument("--leave-out", help="do not learn from this set, and score it; no file")
    parser.add_argument("--start", type=Path, help="a head to go on with, .npz")
    parser.add_argument("--epochs", type=int, default=N_EPOCHS)
    parser.add_argument("--seed", type=int, default=SEED, help="of the first weights and the order")
    return parser.parse_args()


def main() -> None:
    options = parse_arguments()
    encoder = load_encoder()
    sets = read_sets(options.data)
    for name, sentences in sets.items():
        print(name, len(sentences), "sentences", sum(len(one.words) for one in sentences), "words")
    examples = make_examples(sets, encoder, options.leave_out)
    start = None if options.start is None else unpack_head(np.load(options.start))
    head = train(examples, n_epochs=options.epochs, seed=options.seed, start=start)
    head = settle(head, examples, len(sets["templates"]))
    if options.leave_out:
        tagger = TrainedTagger(encoder, head)
        scored = left_out(options.leave_out, options.data)
        print(options.leave_out, f1_row(scored, lambda words: find_names(tagger, words)))
        return
    head = unpack_head(pack_head(head))  # as it is shipped
    np.savez_compressed(options.out, **pack_head(head))  # type: ignore[arg-type]  # its other keyword is no array
    for row in measure(head, encoder, options.data):
        print("  ", *row)


if __name__ == "__main__":
    main()
