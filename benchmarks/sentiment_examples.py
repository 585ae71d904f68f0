"""What the sentiment head is trained and judged on: sentences and what people felt of them."""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from earshot.understanding.encoder import ENCODER_SIZE, TextEncoder
from earshot.understanding.sentiment_head import (
    FEELINGS,
    N_BUCKETS,
    buckets_of,
    cues_of,
)
from earshot.understanding.valence import words_of_feeling

HUTTO = ("amazonReviewSnippets", "movieReviewSnippets", "nytEditorialSnippets", "tweets")
MELD, SST2 = "meld_test", "sst2_dev"
LINES = Path(__file__).with_name("sentiment_lines.txt")
OWN, OWN_WORDS = "own lines", "own words"
FRAMES = ("{}", "it was {}", "not {}")
NEUTRAL_BELOW = 0.5  # of the mean rating, -4 to 4
BLUR = 0.25  # of that bound, among twenty raters
TEXTS_OF_A_LINE = 10
SHARED_WORDS = 7  # in a row: so many tell that a sentence is one of SST-2's

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence; `target` is the share of people who feel each of FEELINGS."""

    text: str
    domain: str
    target: tuple[float, float, float]

    @property
    def feeling(self) -> int:
        return int(np.argmax(self.target))


def example_of_valence(text: str, domain: str, valence: float) -> Example:
    """`valence` is the mean of twenty ratings, -4 to 4."""
    positive = 1 / (1 + np.exp((NEUTRAL_BELOW - valence) / BLUR))
    negative = 1 / (1 + np.exp((NEUTRAL_BELOW + valence) / BLUR))
    return Example(text, domain, (float(negative), float(1 - positive - negative), float(positive)))


def read_rows(data: Path, name: str) -> list[dict[str, str]]:
    path = data / "text" / "sentiment" / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_hutto(data: Path) -> list[Example]:
    return [
        example_of_valence(row["text"], name, float(row["valence"]))
        for name in HUTTO
        for row in read_rows(data, f"hutto_{name}")
    ]


def read_own(path: Path = LINES) -> list[Example]:
    """Some of the texts that each line of the file stands for, always the same."""
    certain = {"P": (0.05, 0.1, 0.85), "N": (0.85, 0.1, 0.05), "O": (0.05, 0.9, 0.05)}
    chance = random.Random(5)
    examples = []
    for line in path.read_text(encoding="utf-8").splitlines():
        label, _, template = line.partition(" ")
        if label in certain:
            texts = list(spelled_out(template))
            for text in chance.sample(texts, min(TEXTS_OF_A_LINE, len(texts))):
                examples.append(Example(text, OWN, certain[label]))
    return examples


def read_words() -> list[Example]:
    """Every word of feeling by itself and in the company of words without feeling."""
    targets = ((0.75, 0.15, 0.1), (0.1, 0.15, 0.75))
    # A negation takes the feeling away, and leaves some of the other.
    negated = ((0.15, 0.5, 0.35), (0.55, 0.35, 0.1))
    return [
        Example(
            frame.format(word),
            OWN_WORDS,
            (negated if frame.startswith("not") else targets)[kind],
        )
        for frame, (word, kind) in product(FRAMES, words_of_feeling().items())
    ]


def spelled_out(template: str) -> Iterator[str]:
    """Every text that a line with {alternatives|of} words stands for."""
    parts = [part.split("|") for part in re.split(r"[{}]", template)]
    for chosen in product(*parts):
        text = " ".join("".join(chosen).split())
        yield re.sub(r" ([.,!?])", r"\1", text)


def without_copies(examples: Sequence[Example], others: Sequence[str]) -> list[Example]:
    """The examples that are none of the other texts and share no run of SHARED_WORDS with any."""
    theirs = {run for text in others for run in _runs(text)}
    return [one for one in examples if theirs.isdisjoint(_runs(one.text))]


def _runs(text: str) -> set[str]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    n_runs = max(1, len(words) - SHARED_WORDS + 1)
    return {" ".join(words[i : i + SHARED_WORDS]) for i in range(n_runs)}


@dataclass(frozen=True, slots=True, eq=False)
class ReadExamples:
    """Examples as numbers: `states` are those of all tokens in a row, `n_tokens` of each."""

    targets: Floats  # (n, 3)
    weights: Floats  # (n,), all the same until the trainer is told
    states: npt.NDArray[np.float16]  # (sum of n_tokens, ENCODER_SIZE)
    n_tokens: npt.NDArray[np.int64]
    words: sparse.csr_array  # (n, N_BUCKETS)
    cues: Floats  # (n, N_CUES)

    def select(self, rows: npt.NDArray[np.int64]) -> "ReadExamples":
        starts = np.cumsum(self.n_tokens) - self.n_tokens
        tokens = np.concatenate([np.arange(starts[i], starts[i] + self.n_tokens[i]) for i in rows])
        return ReadExamples(
            self.targets[rows],
            self.weights[rows],
            self.states[tokens],
            self.n_tokens[rows],
            self.words[rows],
            self.cues[rows],
        )


def read_examples(examples: Sequence[Example], encoder: TextEncoder) -> ReadExamples:
    found = []
    for start in range(0, len(examples), 256):
        found += encoder.encode_tokens([one.text for one in examples[start : start + 256]])
    blank = np.zeros((1, ENCODER_SIZE), dtype=np.float16)  # of a text without a token
    states = [one.states.astype(np.float16) if len(one.states) else blank for one in found]
    return ReadExamples(
        np.array([one.target for one in examples], dtype=np.float32),
        np.ones(len(examples), dtype=np.float32),
        np.concatenate(states),
        np.array([len(one) for one in states]),
        words_of(examples),
        np.array([cues_of(one.text) for one in examples]),
    )


def words_of(examples: Sequence[Example]) -> sparse.csr_array:
    """How often each bucket occurs, scaled as the head does."""
    buckets = [buckets_of(one.text) for one in examples]
    bounds = np.cumsum([0, *map(len, buckets)])
    values = [np.full(len(one), 1 / np.sqrt(max(1, len(one)))) for one in buckets]
    columns = np.array([bucket for one in buckets for bucket in one], dtype=np.int64)
    shape = (len(examples), N_BUCKETS)
    return sparse.csr_array((np.concatenate(values).astype(np.float32), columns, bounds), shape)


def weights_of(examples: Sequence[Example], balance: float) -> Floats:
    """Every domain weighs the same, and in each, rare feelings more than common ones.

    With a balance of 1 each feeling of a domain weighs the same, with 0 each example.
    """
    counts = Counter((one.domain, one.feeling) for one in examples)
    raw = np.array([counts[one.domain, one.feeling] ** -balance for one in examples])
    totals = {
        domain: sum(w for w, one in zip(raw, examples, strict=True) if one.domain == domain)
        for domain in {one.domain for one in examples}
    }
    scaled = np.array([w / totals[one.domain] for w, one in zip(raw, examples, strict=True)])
    return (scaled * len(examples) / len(totals)).astype(np.float32)


def read_judged(data: Path, name: str) -> list[Example]:
    """Sentences that are labelled with one feeling each, and never trained on."""
    return [
        Example(row["text"], name, _certain(FEELINGS.index(row["label"].upper())))
        for row in read_rows(data, name)
    ]


def _certain(feeling: int) -> tuple[float, float, float]:
    return (float(feeling == 0), float(feeling == 1), float(feeling == 2))
