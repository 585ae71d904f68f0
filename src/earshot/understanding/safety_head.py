"""How likely and how grave sensitive content is in texts, by what the encoder makes of them.

Its card is `safety_head.md`; `benchmarks/train_safety.py` makes both.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Self

import numpy as np
import numpy.typing as npt

from earshot.understanding.encoder import Vectors

_FILE = "safety_head.npz"


@dataclass(frozen=True, slots=True, eq=False)
class SafetyHead:
    """One logistic regression for each of `safety_labels.LABELS`, and a line for the severity."""

    weights: Vectors  # (ENCODER_SIZE, n_labels)
    biases: Vectors  # (n_labels,)
    severity: Vectors  # (ENCODER_SIZE,)
    severities: Vectors  # (n_labels,): of a label whose vector says nothing more

    @classmethod
    def of_arrays(cls, arrays: dict[str, npt.NDArray[np.generic]]) -> Self:
        """From the arrays of the file."""
        names = ("weights", "biases", "severity", "severities")
        return cls(*(arrays[name].astype(np.float32) for name in names))

    def confidences(self, vectors: Vectors) -> Vectors:
        """How likely each text has content of each label, (n_texts, n_labels)."""
        shares: Vectors = 1 / (1 + np.exp(-(vectors @ self.weights + self.biases)))
        return shares.astype(np.float32)

    def gravity(self, vectors: Vectors) -> Vectors:
        """How grave such content of each label is, 0 to 1, (n_texts, n_labels)."""
        found: Vectors = (vectors @ self.severity)[:, None] + self.severities
        return np.clip(found, 0, 1)


@cache
def load_safety_head() -> SafetyHead:
    """The head that comes with this package."""
    with as_file(files("earshot.understanding") / _FILE) as path, np.load(path) as arrays:
        return SafetyHead.of_arrays(dict(arrays))
