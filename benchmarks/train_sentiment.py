"""Trains the sentiment head, scores it on what it has not seen, and writes it with its card.

Run as `python -m benchmarks.train_sentiment --data ../shared/eval`; with --write the head and its
card go into src/earshot/understanding. Trained on: the sentences of cjhutto/vaderSentiment with
their ratings (MIT), and two files of our own: `sentiment_lines.txt` here and `sentiment_words.txt`
in that folder. VADER's ratings of words are its cues (earshot.understanding.valence). MELD and
SST-2 are never trained on: reviews that SST-2 has too are left out.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from benchmarks.report import describe_run, load_average
from benchmarks.sentiment_examples import (
    HUTTO,
    MELD,
    OWN_WORDS,
    SST2,
    Example,
    ReadExamples,
    read_examples,
    read_hutto,
    read_judged,
    read_own,
    read_words,
    weights_of,
    without_copies,
)
from benchmarks.sentiment_trainer import Recipe, Trainer, softmax
from earshot.models.store import ModelStore
from earshot.settings import load_settings
from earshot.understanding import sentiment_head
from earshot.understanding.catalog import find_encoder
from earshot.understanding.sentiment_head import bytes_of

# Trained apart and added: what one learns of a domain does not spoil the other.
STATES = Recipe(uses_states=True)
WORDS = Recipe(uses_states=False, balance=1, n_epochs=6)
WEIGHT_OF_WORDS = 0.5  # of OWN_WORDS beside any other domain
SEED = 7
FOLDER = Path(sentiment_head.__file__).parent
TEMPERATURES = np.geomspace(0.3, 5, 100)

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Judgement:
    """How one set of sentences was read; `feelings` is what people say, by number."""

    name: str
    logits: Floats  # (n, 3)
    feelings: npt.NDArray[np.int64]


def train(examples: Sequence[Example], read: ReadExamples, recipe: Recipe) -> Trainer:
    weights = weights_of(examples, recipe.balance)
    of_words = np.array([one.domain == OWN_WORDS for one in examples])
    weights[of_words] *= WEIGHT_OF_WORDS
    trainer = Trainer(recipe, SEED)
    trainer.train(replace(read, weights=weights))
    return trainer


def judge(
    trainer: Trainer, name: str, examples: Sequence[Example], read: ReadExamples
) -> Judgement:
    feelings = np.array([one.feeling for one in examples])
    return Judgement(name, trainer.logits(read), feelings)


def judge_left_out(
    examples: Sequence[Example], read: ReadExamples, recipe: Recipe
) -> list[Judgement]:
    """Each domain read by a head that saw nothing of it."""
    found = []
    for name in HUTTO:
        is_left_out = np.array([one.domain == name for one in examples])
        rows, others = np.flatnonzero(is_left_out), np.flatnonzero(~is_left_out)
        trainer = train([examples[int(i)] for i in others], read.select(others), recipe)
        found.append(judge(trainer, name, [examples[int(i)] for i in rows], read.select(rows)))
    return found


def temperature_of(judgements: Sequence[Judgement]) -> float:
    """What logits are divided by so that probabilities of unseen domains are as they should be."""

    def surprise(temperature: float) -> float:
        shares = [
            softmax(one.logits / temperature)[np.arange(len(one.feelings)), one.feelings]
            for one in judgements
        ]
        return float(np.mean([-np.log(share + 1e-9).mean() for share in shares]))

    return float(min(TEMPERATURES, key=surprise))


def calibration_error(shares: Floats, feelings: npt.NDArray[np.int64], n_bins: int = 10) -> float:
    """How far confidence is from how often it is right, on average (ECE)."""
    confidence, is_right = shares.max(axis=1), shares.argmax(axis=1) == feelings
    bins = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    gaps = [
        abs(confidence[bins == one].mean() - is_right[bins == one].mean()) * (bins == one).mean()
        for one in set(bins.tolist())
    ]
    return float(sum(gaps))


def macro_f1(wanted: npt.ArrayLike, found: npt.ArrayLike, n_classes: int = 3) -> float:
    """The mean of each class's F1."""
    truth, guess = np.asarray(wanted), np.asarray(found)
    figures = []
    for one in range(n_classes):
        n_right = int(((truth == one) & (guess == one)).sum())
        figures.append(2 * n_right / max(1, int((truth == one).sum() + (guess == one).sum())))
    return float(np.mean(figures))


def score(judgement: Judgement, temperature: float) -> tuple[float, float]:
    """Macro-F1 and calibration error; of SST-2, which has two feelings, between these two."""
    shares = softmax(judgement.logits / temperature)
    if judgement.name == SST2:
        shares = shares[:, [0, 2]] / shares[:, [0, 2]].sum(axis=1, keepdims=True)
        feelings = judgement.feelings // 2
        return macro_f1(feelings, shares.argmax(axis=1), 2), calibration_error(shares, feelings)
    guesses = shares.argmax(axis=1)
    return (
        macro_f1(judgement.feelings, guesses),
        calibration_error(shares, judgement.feelings),
    )


def add(some: Sequence[Judgement], others: Sequence[Judgement]) -> list[Judgement]:
    """What two heads say together of the same sets."""
    return [
        replace(one, logits=one.logits + other.logits)
        for one, other in zip(some, others, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Reading:
    """How sets were read in one way, and by what its logits are divided."""

    judgements: Sequence[Judgement]
    temperature: float

    @classmethod
    def of(cls, judgements: Sequence[Judgement]) -> Self:
        left_out = [one for one in judgements if one.name in HUTTO]
        return cls(judgements, temperature_of(left_out))


def train_and_judge(
    examples: Sequence[Example],
    read: ReadExamples,
    judged: Sequence[tuple[str, Sequence[Example], ReadExamples]],
    recipe: Recipe,
) -> tuple[Trainer, list[Judgement]]:
    """A head trained on everything, and how such heads read what they did not see."""
    left_out = judge_left_out(examples, read, recipe)
    trainer = train(examples, read, recipe)
    return trainer, [*left_out, *(judge(trainer, name, rows, seen) for name, rows, seen in judged)]


def save_head(path: Path, states: Trainer, words: Trainer, temperatures: Sequence[float]) -> None:
    weights = {
        "state_bias" if name == "bias" else name: one for name, one in states.weights.items()
    }
    weights |= words.weights
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for name, array in weights.items():
        if array.ndim == 1:
            arrays[name] = array
        else:
            arrays[name], arrays[f"{name}.scales"] = bytes_of(array)
    for name, temperature in zip(("temperature", "temperature_alone"), temperatures, strict=True):
        arrays[name] = np.array(temperature, dtype=np.float32)
    np.savez_compressed(path, allow_pickle=False, **arrays)


def render_card(run: str, n_of: dict[str, int], kinds: dict[str, Reading]) -> str:
    lines = [
        "# Sentiment head",
        "",
        "Made by `python -m benchmarks.train_sentiment --data ... --write`; licence Apache-2.0.",
        "",
        run,
        "",
        "Trained on sentences and what people felt of them:",
        "",
        *(f"- {name}: {n}" for name, n in n_of.items()),
        "",
        "`*Snippets` and `tweets` are those of cjhutto/vaderSentiment, MIT, Copyright (c) 2016",
        "C.J. Hutto: the mean of twenty ratings, -4 to 4; neutral from -0.5 to 0.5. The own are",
        "of `benchmarks/sentiment_lines.txt` and `sentiment_words.txt`. MELD and SST-2 were never",
        "trained on; reviews that SST-2 has too were left out. How the head is made was chosen",
        "among trials whose scores on all these sets were seen: none of them is blind.",
        "",
        "Its cues are the ratings of VADER's lexicon (`lexicons/vader.txt`, MIT), which ten people",
        "each gave to words by themselves, and after them words of our own. They were not fitted",
        "on these sentences, but VADER's authors found its rules in such tweets and tried them on",
        "all four domains: through its cues a head that left tweets out is no stranger to them.",
        "",
        "Macro-F1 / calibration error (ECE, 10 bins), in per cent. The domains of vaderSentiment",
        "are read by heads that saw nothing of that domain, with a temperature fitted on these",
        "four. SST-2 has two feelings: the likelier of them counts.",
        "",
        f"| set | {' | '.join(kinds)} |",
        f"| --- |{' ---: |' * len(kinds)}",
    ]
    first = next(iter(kinds.values()))
    for index, judgement in enumerate(first.judgements):
        cells = []
        for kind in kinds.values():
            f1, error = score(kind.judgements[index], kind.temperature)
            cells.append(f"{100 * f1:.1f} / {100 * error:.1f}")
        lines.append(f"| {judgement.name} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train_sentiment")
    parser.add_argument("--data", type=Path, required=True, help="folder with text/sentiment")
    parser.add_argument("--write", action="store_true", help="put head and card into the package")
    options = parser.parse_args()
    load_before = load_average()
    encoder = find_encoder(ModelStore(load_settings().models))
    if encoder is None:
        sys.exit("the text encoder is needed: earshot models pull minilm")
    sets = {name: read_judged(options.data, name) for name in (MELD, SST2)}
    reviews = without_copies(read_hutto(options.data), [one.text for one in sets[SST2]])
    examples = [*reviews, *read_own(), *read_words()]
    read = read_examples(examples, encoder)
    judged = [(name, rows, read_examples(rows, encoder)) for name, rows in sets.items()]
    states, by_states = train_and_judge(examples, read, judged, STATES)
    words, by_words = train_and_judge(examples, read, judged, WORDS)
    kinds = {
        "with the encoder": Reading.of(add(by_states, by_words)),
        "words alone": Reading.of(by_words),
    }
    n_of = {
        domain: sum(one.domain == domain for one in examples)
        for domain in dict.fromkeys(one.domain for one in examples)
    }
    run = describe_run(["benchmarks.train_sentiment", *sys.argv[1:]], load_before)
    card = render_card(run, n_of, kinds)
    print(card)
    if options.write:
        temperatures = [kind.temperature for kind in kinds.values()]
        save_head(FOLDER / "sentiment_head.npz", states, words, temperatures)
        (FOLDER / "sentiment_head.md").write_text(card, encoding="utf-8")


if __name__ == "__main__":
    main()
