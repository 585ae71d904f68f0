"""The trained part of sentiment: what the encoder makes of a sentence, and its words -> how likely.

Its card is `sentiment_head.md`; `benchmarks/train_sentiment.py` makes both.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from itertools import pairwise
from typing import Self
from zlib import crc32

import numpy as np
import numpy.typing as npt

from earshot.transcript.findings import Feeling
from earshot.understanding.encoder import TokenStates
from earshot.understanding.valence import valence_of

FEELINGS: tuple[Feeling, ...] = ("NEGATIVE", "NEUTRAL", "POSITIVE")
N_BUCKETS = 2**14  # words and pairs of words share so many weights, by their checksums
NEGATED_WORDS = 3  # after a negation so many words are taken for others
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|[!?]|[:;=]'?-?[()dp/|]|<3")
_NEGATION = re.compile(r"no|not|never|nobody|nothing|neither|nor|without|cannot|.*n't")
N_CUES = 11
FELT = 0.05  # a compound from there on is of a feeling, as VADER's authors advise
_FILE = "sentiment_head.npz"
_LARGEST_BYTE = 127

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class WordWeights:
    """What words alone say: of each bucket and of each cue a weight for each feeling."""

    table: Floats  # (N_BUCKETS, 3)
    cues: Floats  # (N_CUES, 3)
    bias: Floats  # (3,)

    def logits(self, text: str) -> Floats:
        buckets = buckets_of(text)
        share = self.table[buckets].sum(axis=0) / np.sqrt(max(1, len(buckets)))
        found: Floats = share + cues_of(text) @ self.cues + self.bias
        return found


@dataclass(frozen=True, slots=True, eq=False)
class StateWeights:
    """What the encoder's states say: one hidden layer over each token, then two ways to pool."""

    hidden: Floats  # (encoder's size, size)
    hidden_bias: Floats
    attention: Floats  # (size,): which tokens count
    output: Floats  # (2 * size, 3): of the tokens that count, and of all
    bias: Floats  # (3,)

    def logits(self, states: Floats) -> Floats:
        """`states` is (n_tokens, encoder's size), of at least one token."""
        active = np.maximum(states @ self.hidden + self.hidden_bias, 0)
        scores = active @ self.attention
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        pooled = np.concatenate([shares @ active, active.mean(axis=0)])
        found: Floats = pooled @ self.output + self.bias
        return found


@dataclass(frozen=True, slots=True, eq=False)
class SentimentHead:
    """Probabilities of a sentence's FEELINGS, calibrated by a temperature of each way to read."""

    states: StateWeights
    words: WordWeights  # trained by themselves, and added to what the states say
    temperature: float
    temperature_alone: float  # of the words without states

    @classmethod
    def of_arrays(cls, arrays: dict[str, npt.NDArray[np.generic]]) -> Self:
        """From the arrays of the file: matrices are bytes, each with a scale for every column."""

        def floats(name: str) -> Floats:
            array = arrays[name].astype(np.float32)
            scales = arrays.get(f"{name}.scales")
            found: Floats = array if scales is None else array * scales.astype(np.float32)
            return found

        states = StateWeights(
            *(
                floats(name)
                for name in ("hidden", "hidden_bias", "attention", "output", "state_bias")
            )
        )
        return cls(
            states,
            WordWeights(floats("words"), floats("cues"), floats("bias")),
            float(arrays["temperature"]),
            float(arrays["temperature_alone"]),
        )

    def read(self, text: str, tokens: TokenStates | None) -> Floats:
        """The probability of each of FEELINGS, (3,); without tokens by the words alone."""
        logits = self.words.logits(text)
        if tokens is None or not len(tokens.states):
            return _softmax(logits / self.temperature_alone)
        return _softmax((logits + self.states.logits(tokens.states)) / self.temperature)


@cache
def load_sentiment_head() -> SentimentHead:
    """The head that comes with this package."""
    with as_file(files("earshot.understanding") / _FILE) as path, np.load(path) as arrays:
        return SentimentHead.of_arrays(dict(arrays))


def bytes_of(matrix: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """The matrix as the file holds it, and a scale for each column."""
    scales = np.maximum(np.abs(matrix).max(axis=0), np.finfo(np.float32).tiny) / _LARGEST_BYTE
    return np.rint(matrix / scales).astype(np.int8), scales.astype(np.float32)


def buckets_of(text: str) -> list[int]:
    """Where the weights of the text's words and pairs lie; a word that is negated is another."""
    words = [f"not_{word}" if is_negated else word for word, is_negated in _read(text)]
    pairs = [f"{left} {right}" for left, right in pairwise(words)]
    return [crc32(one.encode()) % N_BUCKETS for one in (*words, *pairs)]


def cues_of(text: str) -> Floats:
    """What is known of the text at a glance, (N_CUES,): its valence, and marks."""
    valence = valence_of(text)
    compound = valence.compound
    best, worst = max(valence.words, default=0.0), min(valence.words, default=0.0)
    cues = (
        np.log1p(text.count("!")),
        np.log1p(text.count("?")),
        np.log1p(valence.good),
        np.log1p(valence.bad),
        compound,
        abs(compound),
        compound >= FELT,
        compound <= -FELT,
        max(0.0, best) ** 0.5,
        max(0.0, -worst) ** 0.5,
        valence.emphasis * np.sign(compound),
    )
    return np.array(cues, dtype=np.float32)


def _read(text: str) -> Iterator[tuple[str, bool]]:
    """The words, emoticons and some marks of the text, each with whether it is negated."""
    n_negated = 0
    for word in _WORD.findall(text.lower().replace("\u2019", "'")):
        yield word, n_negated > 0
        n_negated = NEGATED_WORDS if _NEGATION.fullmatch(word) else max(0, n_negated - 1)


def _softmax(logits: Floats) -> Floats:
    shares = np.exp(logits - logits.max())
    found: Floats = (shares / shares.sum()).astype(np.float32)
    return found
