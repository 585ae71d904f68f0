"""Silero voice activity detection on onnxruntime.

Model: github.com/snakers4/silero-vad. Input (b, 64 + 512) samples at 16 kHz, the 64 before the
frame as context; state (2, b, 128).
"""

from pathlib import Path

import numpy as np
import onnxruntime as ort

from earshot.audio.speech import FRAME_SAMPLES, Probabilities
from earshot.audio.waveform import SAMPLE_RATE, Samples

CONTEXT_SAMPLES = 64
STATE_SIZE = 128
# The audio is cut into lanes that run side by side as one batch. A lane first hears the three
# seconds before its own start: its state is then close to that of a model which heard everything.
WARM_UP_FRAMES = 3 * SAMPLE_RATE // FRAME_SAMPLES  # 93
LANE_FRAMES = 8 * WARM_UP_FRAMES  # about 24 s: the warm-up then costs an eighth


class SileroDetector:
    """The embedded voice activity model; safe to call from several threads at once."""

    def __init__(self, graph: Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only
        self._session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def speech_probabilities(self, samples: Samples) -> Probabilities:
        """The probability of speech in each frame, (n_frames,)."""
        n_frames = -(-len(samples) // FRAME_SAMPLES)
        n_lanes = max(1, -(-n_frames // LANE_FRAMES))
        warm_up_frames = WARM_UP_FRAMES if n_lanes > 1 else 0
        # (n_lanes, n_samples of a lane with its warm-up)
        lanes = _lanes(samples, n_lanes, warm_up_frames)
        state = np.zeros((2, n_lanes, STATE_SIZE), dtype=np.float32)
        rate = np.array(SAMPLE_RATE, dtype=np.int64)
        if n_frames == 0:
            return np.zeros(0, dtype=np.float32)
        rows = []
        for frame in range(warm_up_frames + min(n_frames, LANE_FRAMES)):
            start = frame * FRAME_SAMPLES
            window = lanes[:, start : start + CONTEXT_SAMPLES + FRAME_SAMPLES]
            row, state = self._session.run(None, {"input": window, "state": state, "sr": rate})
            rows.append(row[:, 0])
        probabilities = np.stack(rows[warm_up_frames:], axis=1)  # (n_lanes, n_frames of a lane)
        flat: Probabilities = probabilities.reshape(-1)[:n_frames]
        return flat


def _lanes(samples: Samples, n_lanes: int, warm_up_frames: int) -> Samples:
    """Overlapping views of the zero-padded audio, one row per lane."""
    before = CONTEXT_SAMPLES + warm_up_frames * FRAME_SAMPLES
    step = LANE_FRAMES * FRAME_SAMPLES
    padded = np.zeros(before + n_lanes * step, dtype=np.float32)
    padded[before : before + len(samples)] = samples
    windows = np.lib.stride_tricks.sliding_window_view(padded, before + step)
    lanes: Samples = np.ascontiguousarray(windows[::step])
    return lanes
