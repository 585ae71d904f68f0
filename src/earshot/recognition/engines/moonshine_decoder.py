"""Moonshine's decoder at work on a batch: token in, scores of the next token and attention out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from earshot.recognition.engines.moonshine_decoder_graph import (
    ATTENTION_OUTPUTS,
    CACHE_SIZE,
    CACHES,
    CROSS_KEYS,
    CROSS_VALUES,
    N_TOKENS,
)
from earshot.recognition.engines.moonshine_weights import HEAD_SIZE, N_HEADS

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
# What keeps a frame from being attended to; -inf would make a row of nothing but padding NaN.
MASKED = np.float32(-1e30)


@dataclass(frozen=True, slots=True)
class EncodedSegment:
    """What the decoder attends to: for each layer the keys and values of a segment's frames."""

    cross_attention: Floats  # (N_LAYERS, 2, N_HEADS, n_frames, HEAD_SIZE)

    @property
    def n_frames(self) -> int:
        n_frames: int = self.cross_attention.shape[3]
        return n_frames


class DecoderBatch:
    """The state of decoding several segments side by side.

    Every array that the graph reads or writes is allocated once and bound to it: a step copies no
    cache. Not for several threads at once.
    """

    def __init__(
        self, session: ort.InferenceSession, segments: Sequence[EncodedSegment], capacity: int
    ) -> None:
        """`capacity` is the most tokens that a row may be given."""
        self._session = session
        caches = (len(segments), N_HEADS, capacity, CACHE_SIZE)
        self._arrays = {
            **_pad(segments),
            **{f"past.{name}": np.zeros(caches, dtype=np.float32) for name in CACHES},
        }
        self._n_given = 0
        self._n_steps = 0
        self._binding = session.io_binding()

    def step(self, tokens: Ints) -> Floats:
        """The scores of each row's next token after one more each, (n_rows, N_TOKENS).

        `tokens` are (n_rows,). The scores last until the next step.
        """
        return self.give(tokens[:, None])[:, 0]

    def give(self, tokens: Ints) -> Floats:
        """The scores after each of several tokens, (n_rows, n_steps, N_TOKENS).

        `tokens` are (n_rows, n_steps). More than one at a time only as the first that are given, or
        to a batch of one row.
        """
        n_steps = tokens.shape[1]
        if n_steps != self._n_steps:
            self._bind(n_steps)
        self._n_given += n_steps
        self._arrays["tokens"][:] = tokens
        self._arrays["last_positions"][:] = self._n_given - 1
        self._arrays["n_positions"][...] = self._n_given
        self._session.run_with_iobinding(self._binding)
        return self._arrays["logits"].astype(np.float32, copy=False)

    def rewind(self, n_given: int) -> None:
        """Forget all tokens but the first that were given, so that others can follow them."""
        self._n_given = n_given

    def attention(self) -> Floats:
        """Where the last tokens looked, (n_rows, n_layers, N_HEADS, n_steps, n_frames)."""
        layers: Floats = np.stack([self._arrays[name] for name in ATTENTION_OUTPUTS], axis=1)
        return layers

    def keep(self, rows: npt.NDArray[np.intp]) -> None:
        """Go on with these rows only, in ascending order; where they lie together, no copy."""
        lie_together = rows[-1] - rows[0] + 1 == len(rows)
        index = slice(rows[0], rows[-1] + 1) if lie_together else rows
        per_row = [*CROSS_KEYS, *CROSS_VALUES, "mask", *(f"past.{name}" for name in CACHES)]
        for name in per_row:
            self._arrays[name] = self._arrays[name][index]
        self._n_steps = 0

    def _bind(self, n_steps: int) -> None:
        """Hand the graph our arrays; those that depend on the number of rows or steps are new."""
        n_rows, _, _, n_frames = self._arrays["mask"].shape
        self._arrays["tokens"] = np.empty((n_rows, n_steps), dtype=np.int64)
        self._arrays["last_positions"] = np.empty(n_rows, dtype=np.int32)
        self._arrays["n_positions"] = np.empty((), dtype=np.int32)
        self._arrays["logits"] = np.empty((n_rows, n_steps, N_TOKENS), dtype=np.float32)
        for name in ATTENTION_OUTPUTS:
            self._arrays[name] = np.empty((n_rows, N_HEADS, n_steps, n_frames), dtype=np.float32)
        self._binding = self._session.io_binding()
        outputs = {"logits", *ATTENTION_OUTPUTS}
        for name, array in self._arrays.items():
            value = ort.OrtValue.ortvalue_from_numpy(array)  # shares the array's memory
            if name in outputs:
                self._binding.bind_ortvalue_output(name, value)
                continue
            self._binding.bind_ortvalue_input(name, value)
            if name.startswith("past."):
                self._binding.bind_ortvalue_output(name.replace("past.", "present."), value)
        self._n_steps = n_steps


def _pad(segments: Sequence[EncodedSegment]) -> dict[str, npt.NDArray[np.generic]]:
    """The segments' keys and values as one array each, and the mask of what is padding."""
    n_frames = max(segment.n_frames for segment in segments)
    mask = np.zeros((len(segments), 1, 1, n_frames), dtype=np.float32)
    arrays: dict[str, npt.NDArray[np.generic]] = {"mask": mask}
    for layer, (key_name, value_name) in enumerate(zip(CROSS_KEYS, CROSS_VALUES, strict=True)):
        keys, values = np.zeros((2, len(segments), N_HEADS, n_frames, HEAD_SIZE), dtype=np.float32)
        for row, segment in enumerate(segments):
            keys[row, :, : segment.n_frames] = segment.cross_attention[layer, 0]
            values[row, :, : segment.n_frames] = segment.cross_attention[layer, 1]
        arrays[key_name], arrays[value_name] = keys, values
    for row, segment in enumerate(segments):
        mask[row, ..., segment.n_frames :] = MASKED
    return arrays
