"""The trained part of the tagger: states and features of words -> how likely each label is.

Its card is `tagger_head.md`; `benchmarks/train_tagger.py` makes both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

import numpy as np
import numpy.typing as npt

from earshot.understanding.encoder import ENCODER_SIZE
from earshot.understanding.entities.word_features import N_BUCKETS, N_FLAGS, WordFeatures

TAGGED_TYPES = (
    "person_name",
    "location",
    "organization",
    "occupation",
    "event",
    "drug",
    "medical_condition",
    "medical_process",
    "injury",
)
OUTSIDE = 0
N_LABELS = 1 + 2 * len(TAGGED_TYPES)  # outside; then of each type the first word and the others
STATE_SIZE = 2 * ENCODER_SIZE  # of the last layer and of the middle one
REACH = 2  # words on either side whose states and flags are seen; of letters one
_LETTER_REACH = 1
_FILE = "tagger_head.npz"

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class TaggerHead:
    """Weights of one hidden layer over what a word and those around it are."""

    projection: Floats  # (STATE_SIZE, size)
    letters: Floats  # (N_BUCKETS, size)
    hidden: Floats  # (inputs, size)
    hidden_bias: Floats
    output: Floats  # (size, N_LABELS)
    output_bias: Floats

    def score(self, states: Floats | None, features: WordFeatures) -> Floats:
        """Logarithms of probabilities, (n_words, N_LABELS); without states by the features alone.

        `states` is (n_words, STATE_SIZE): of each word the mean over its tokens.
        """
        return self.score_all(None if states is None else [states], [features])[0]

    def score_all(
        self, states: Sequence[Floats] | None, features: Sequence[WordFeatures]
    ) -> list[Floats]:
        """As `score`, of several stretches of words that do not see one another.

        Together, because a product of matrices of a few words costs little less than of thousands.
        """
        ends = np.cumsum([len(one.flags) for one in features])[:-1]
        projected: list[Floats] | None = None
        if states is not None:
            projected = np.split(np.concatenate(states) @ self.projection, ends)
        inputs = np.concatenate(
            [
                self._inputs_of(None if projected is None else projected[index], one)
                for index, one in enumerate(features)
            ]
        )
        active = np.maximum(inputs @ self.hidden + self.hidden_bias, 0)
        logits = active @ self.output + self.output_bias
        logits -= logits.max(axis=1, keepdims=True)
        scores: Floats = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return np.split(scores, ends)

    def _inputs_of(self, projected: Floats | None, features: WordFeatures) -> Floats:
        n_words = len(features.flags)
        is_known = np.full((n_words, 1), projected is not None, dtype=np.float32)
        if projected is None:
            projected = np.zeros((n_words, self.projection.shape[1]), dtype=np.float32)
        return np.concatenate(
            [
                around(projected, REACH),
                around(features.flags, REACH),
                around(self.read_letters(features), _LETTER_REACH),
                is_known,
            ],
            axis=1,
        )

    def read_letters(self, features: WordFeatures) -> Floats:
        """The mean over the pieces of each word, (n_words, size)."""
        is_piece = features.pieces >= 0
        found = self.letters[features.pieces] * is_piece[:, :, None]
        mean: Floats = found.sum(axis=1) / np.maximum(is_piece.sum(axis=1), 1)[:, None]
        return mean.astype(np.float32)


def around(rows: Floats, reach: int) -> Floats:
    """Each row beside those up to `reach` before and behind it; zeros beyond the ends."""
    padded = np.pad(rows, ((reach, reach), (0, 0)))
    return np.concatenate(
        [padded[shift : shift + len(rows)] for shift in range(2 * reach + 1)], axis=1
    )


def n_inputs(projection_size: int, letters_size: int) -> int:
    states = (2 * REACH + 1) * (projection_size + N_FLAGS)
    return states + (2 * _LETTER_REACH + 1) * letters_size + 1


def pack_head(head: TaggerHead) -> dict[str, npt.NDArray[np.generic]]:
    """Arrays for a file: matrices as bytes with a scale for each column."""
    packed: dict[str, npt.NDArray[np.generic]] = {
        "hidden_bias": head.hidden_bias,
        "output_bias": head.output_bias,
    }
    for name in ("projection", "letters", "hidden", "output"):
        matrix: Floats = getattr(head, name)
        scale = np.maximum(np.abs(matrix).max(axis=0), 1e-8).astype(np.float32) / np.float32(127)
        packed[name] = np.rint(matrix / scale).astype(np.int8)
        packed[f"{name}_scale"] = scale
    return packed


def unpack_head(packed: Mapping[str, npt.NDArray[np.generic]]) -> TaggerHead:
    def matrix(name: str) -> Floats:
        return packed[name].astype(np.float32) * packed[f"{name}_scale"].astype(np.float32)

    head = TaggerHead(
        projection=matrix("projection"),
        letters=matrix("letters"),
        hidden=matrix("hidden"),
        hidden_bias=packed["hidden_bias"].astype(np.float32),
        output=matrix("output"),
        output_bias=packed["output_bias"].astype(np.float32),
    )
    assert head.letters.shape[0] == N_BUCKETS
    assert head.hidden.shape[0] == n_inputs(head.projection.shape[1], head.letters.shape[1])
    return head


@cache
def load_head() -> TaggerHead:
    """The head that is shipped; read once."""
    with as_file(files(__package__) / _FILE) as path, np.load(path) as packed:
        return unpack_head(packed)
