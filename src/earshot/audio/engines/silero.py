"""Silero voice activity detection on onnxruntime.

Model: github.com/snakers4/silero-vad. It hears frames of 512 samples at 16 kHz, each with the 64
samples before it and mirrored at its end.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from earshot.audio.engines.silero_graph import FRAME_HOPS, HOP_SAMPLES, STATE_SIZE
from earshot.audio.speech import FRAME_SAMPLES, Probabilities
from earshot.audio.waveform import Samples

CONTEXT_SAMPLES = 64
# About 8 s in one run: more takes more memory and is no faster.
RUN_FRAMES = 256


class SileroDetector:
    """The embedded voice activity model; safe to call from several threads at once."""

    def __init__(self, graph: Path) -> None:
        """`graph` is what `silero_graph.save_sequence_graph` wrote."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only
        self._session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def speech_probabilities(self, samples: Samples) -> Probabilities:
        """The probability of speech in each frame, (n_frames,)."""
        return self.open_stream().hear(samples)

    def open_stream(self) -> "SileroStream":
        """A stream at the beginning of a recording; several may run on several threads."""
        return SileroStream(self._session)


class SileroStream:
    """What the model remembers of a recording so far."""

    def __init__(self, session: ort.InferenceSession) -> None:
        self._session = session
        self._context: Samples = np.zeros(CONTEXT_SAMPLES, dtype=np.float32)
        self._hidden = self._cell = np.zeros((1, 1, STATE_SIZE), dtype=np.float32)

    def hear(self, frames: Samples) -> Probabilities:
        """The probability of speech in each of the next frames, (n_frames,).

        A last frame that is not whole is padded with silence; nothing may follow it.
        """
        views = _frames(frames, self._context)
        probabilities = np.empty(len(views), dtype=np.float32)
        for start in range(0, len(views), RUN_FRAMES):
            hops = _hops(views[start : start + RUN_FRAMES])
            feeds = {"hops": hops, "hidden": self._hidden, "cell": self._cell}
            found, self._hidden, self._cell = self._session.run(None, feeds)
            probabilities[start : start + RUN_FRAMES] = found
        if len(views):
            self._context = views[-1, -CONTEXT_SAMPLES:].copy()
        return probabilities


def _frames(samples: Samples, context: Samples) -> npt.NDArray[np.float32]:
    """Views of the zero-padded audio, (n_frames, CONTEXT_SAMPLES + FRAME_SAMPLES)."""
    n_frames = -(-len(samples) // FRAME_SAMPLES)
    padded = np.zeros(CONTEXT_SAMPLES + max(1, n_frames) * FRAME_SAMPLES, dtype=np.float32)
    padded[:CONTEXT_SAMPLES] = context
    padded[CONTEXT_SAMPLES : CONTEXT_SAMPLES + len(samples)] = samples
    width = CONTEXT_SAMPLES + FRAME_SAMPLES
    return np.lib.stride_tricks.sliding_window_view(padded, width)[::FRAME_SAMPLES][:n_frames]


def _hops(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The frames with their last samples mirrored, (n_frames, FRAME_HOPS, HOP_SAMPLES)."""
    n_mirrored = FRAME_HOPS * HOP_SAMPLES - frames.shape[1]
    mirrored = frames[:, -2 : -2 - n_mirrored : -1]
    return np.concatenate([frames, mirrored], axis=1).reshape(-1, FRAME_HOPS, HOP_SAMPLES)
