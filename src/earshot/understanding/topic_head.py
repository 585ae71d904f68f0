"""How relevant topics are to texts: vectors of the topics, and what their nearness means.

Its card is `topic_head.md`; `benchmarks/train_topics.py` makes both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Self

import numpy as np
import numpy.typing as npt

from earshot.understanding.encoder import TextEncoder, Vectors
from earshot.understanding.topic_labels import load_topic_labels
from earshot.understanding.topic_words import SubjectWords, share_of_words

_FILE = "topic_head.npz"


@dataclass(frozen=True, slots=True)
class Calibration:
    """From a likeness to how probable it is that the text is about the subject."""

    slope: float
    offset: float

    @classmethod
    def of_array(cls, array: npt.NDArray[np.generic]) -> Self:
        slope, offset = array.astype(np.float64)
        return cls(float(slope), float(offset))

    def probabilities(self, likenesses: Vectors) -> Vectors:
        shares: Vectors = 1 / (1 + np.exp(-(self.slope * likenesses + self.offset)))
        return shares.astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class TopicHead:
    """What is known of topics: `vectors` are theirs, of unit length, less the `centre` of all.

    A likeness is the nearness of vectors, with `word_share` of that of words, and `parent_share` of
    the nearness of the topic that it is part of. `by_words` is for words alone, `of_strangers` for
    subjects that nobody described, such as a caller's.
    """

    vectors: Vectors  # (n_topics, ENCODER_SIZE)
    centre: Vectors  # (ENCODER_SIZE,)
    word_share: float
    parent_share: float
    by_both: Calibration
    by_words: Calibration
    of_strangers: Calibration
    strangers_by_words: Calibration

    @classmethod
    def of_arrays(cls, arrays: dict[str, npt.NDArray[np.generic]]) -> Self:
        """From the arrays of the file, in which the vectors are bytes."""
        vectors = arrays["vectors"].astype(np.float32)
        word_share, parent_share = (float(share) for share in arrays["shares"].astype(np.float64))
        return cls(
            vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
            arrays["centre"].astype(np.float32),
            word_share,
            parent_share,
            by_both=Calibration.of_array(arrays["by_both"]),
            by_words=Calibration.of_array(arrays["by_words"]),
            of_strangers=Calibration.of_array(arrays["of_strangers"]),
            strangers_by_words=Calibration.of_array(arrays["strangers_by_words"]),
        )

    def centred(self, vectors: Vectors) -> Vectors:
        """The encoder's vectors less what all texts share, of unit length."""
        moved = vectors - self.centre
        lengths = np.linalg.norm(moved, axis=1, keepdims=True)
        found: Vectors = moved / np.maximum(lengths, np.finfo(np.float32).tiny)
        return found

    def likenesses(self, texts: Sequence[str], vectors: Vectors) -> Vectors:
        """How like each text is to each topic, (n_texts, n_topics)."""
        near: Vectors = self.centred(vectors) @ self.vectors.T
        above = near[:, _above()]
        words = load_topic_words().likenesses(texts)
        found: Vectors = near + self.parent_share * above + self.word_share * words
        return found

    def relevances(self, texts: Sequence[str], vectors: Vectors | None) -> Vectors:
        """How relevant each topic is to each text, 0 to 1; without vectors by the words alone."""
        if vectors is None:
            found = self.by_words.probabilities(load_topic_words().likenesses(texts))
        else:
            found = self.by_both.probabilities(self.likenesses(texts, vectors))
        return pooled(found)

    def relevances_of_strangers(
        self, texts: Sequence[str], names: Sequence[str], encoder: TextEncoder | None
    ) -> Vectors:
        """How relevant each subject is to each text, by the subject's name alone."""
        words = self.strangers_by_words.probabilities(share_of_words(texts, names))
        if encoder is None:
            return words
        near = self.centred(encoder.encode(texts)) @ self.centred(encoder.encode(names)).T
        return self.of_strangers.probabilities(near)


# What a part is about, the whole is about, but not more than the part.
SHARE_OF_PART = 0.9


def pooled(relevances: Vectors) -> Vectors:
    """The same, where a topic is at least about as relevant as the most relevant of its parts."""
    found = relevances.copy()
    for index, parent in reversed(_parents()):
        np.maximum(found[:, parent], SHARE_OF_PART * found[:, index], out=found[:, parent])
    return found


@cache
def _parents() -> tuple[tuple[int, int], ...]:
    """Each topic that has a parent with it, as indices; parents first."""
    labels = load_topic_labels()
    places = {label.label: index for index, label in enumerate(labels)}
    return tuple(
        (index, places[label.parent])
        for index, label in enumerate(labels)
        if label.parent is not None
    )


@cache
def _above() -> npt.NDArray[np.int64]:
    """The index of each topic's parent; a topic that has none is its own."""
    found = np.arange(len(load_topic_labels()))
    for index, parent in _parents():
        found[index] = parent
    return found


@cache
def load_topic_words() -> SubjectWords:
    """The words of each topic: its name, its description and its example."""
    return SubjectWords(
        [f"{label.name} {label.description} {label.example}" for label in load_topic_labels()]
    )


@cache
def load_topic_head() -> TopicHead:
    """The head that comes with this package."""
    with as_file(files("earshot.understanding") / _FILE) as path, np.load(path) as arrays:
        return TopicHead.of_arrays(dict(arrays))
