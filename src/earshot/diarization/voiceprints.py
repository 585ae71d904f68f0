"""What a voice sounds like, of any choice of moments, from features that are computed once.

The model describes a voice by the mean and the deviation of its features over the moments when it
speaks (statistics pooling, arXiv:1803.09153 2.2), so all the work before that is shared: the
embeddings of every local speaker of every window cost little more than one.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class VoiceHead:
    """The model's last layer: from statistics to an embedding.

    `weights` is (n_dimensions, 2 * n_values) and `bias` (n_dimensions,).
    """

    weights: Floats
    bias: Floats


@dataclass(frozen=True, slots=True)
class VoiceFeatures:
    """Features of a stretch of audio, (n_features, n_values), of which some were left out.

    `is_present` (n_features,) says which are there; the others are zero.
    """

    values: Floats
    is_present: npt.NDArray[np.bool_]
    head: VoiceHead

    def embed(self, weights: npt.NDArray[np.bool_ | np.floating]) -> Floats:
        """The embeddings of the moments that `weights` choose, (n_choices, n_dimensions).

        `weights` is (n_choices, n_features), each with something that is present. They are of
        length 1.
        """
        chosen = (weights * self.is_present).astype(np.float32)
        total = chosen.sum(axis=1, keepdims=True) + 1e-8
        mean = chosen @ self.values / total
        squares = chosen @ np.square(self.values)
        spread = squares / total - np.square(mean)
        # The unbiased variance for weights, as the model has it.
        freedom = total - np.square(chosen).sum(axis=1, keepdims=True) / total
        deviation = np.sqrt(np.maximum(spread * total / (freedom + 1e-8), 0))
        statistics = np.concatenate([mean, deviation], axis=1)
        embeddings = statistics @ self.head.weights.T + self.head.bias
        unit: Floats = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
        return unit
