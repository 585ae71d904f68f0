"""The grids of time that the models of voices work on."""

import numpy as np
import numpy.typing as npt

from earshot.audio.waveform import SAMPLE_RATE

# Where who speaks is told: the steps of SincNet's and three pooling layers, and the middle of the
# samples that the first frame sees.
FRAME_SAMPLES = 270
FIRST_FRAME_SAMPLES = 495
WINDOW_SAMPLES = 10 * SAMPLE_RATE  # the only length that segmentation takes
WINDOW_FRAMES = 589
FRAMES_PER_S = SAMPLE_RATE / FRAME_SAMPLES
# Where voices are described: every eighth frame of filterbank features of 25 ms each 10 ms.
FEATURE_SAMPLES = 8 * 160
FIRST_FEATURE_SAMPLES = 200


def count_frames(n_samples: int) -> int:
    """How many frames have their middle in so many samples."""
    return max(0, -(-(n_samples - FIRST_FRAME_SAMPLES) // FRAME_SAMPLES))


def frames_of_features(n_features: int, n_frames: int) -> npt.NDArray[np.int_]:
    """For each description of the voice the frame that is nearest to it, (n_features,)."""
    middles = FIRST_FEATURE_SAMPLES + FEATURE_SAMPLES * np.arange(n_features)
    nearest = np.rint((middles - FIRST_FRAME_SAMPLES) / FRAME_SAMPLES).astype(int)
    clipped: npt.NDArray[np.int_] = np.clip(nearest, 0, n_frames - 1)
    return clipped


def frame_to_ms(frame: int) -> int:
    """Where a frame begins, which is half a step before its middle."""
    samples = FIRST_FRAME_SAMPLES - FRAME_SAMPLES // 2 + frame * FRAME_SAMPLES
    return samples * 1000 // SAMPLE_RATE


def window_starts(n_samples: int, hop_frames: int) -> list[int]:
    """The frames where windows begin so that every sample is in one; the last may be cut short."""
    n_beyond = max(0, n_samples - WINDOW_SAMPLES)
    n_hops = -(-n_beyond // (hop_frames * FRAME_SAMPLES))
    return [index * hop_frames for index in range(n_hops + 1)]
