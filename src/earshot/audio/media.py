"""The nouns of decoding: what a recording is, what to do with its channels, and the limits."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

MAX_RECORDING_MS = 10 * 3600 * 1000  # the API's limit
MIN_RECORDING_MS = 160  # likewise
ChannelBlock = npt.NDArray[np.int16]  # (n_channels, n_samples) at 16 kHz


class ChannelMode(Enum):
    """What becomes of the channels of a recording."""

    MIX = "mix"  # one: the mean of all
    SPLIT = "split"  # each by itself


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a recording is; `duration_ms` is what its header claims, if anything."""

    n_channels: int
    sample_rate: int
    duration_ms: int | None
    container: str
    codec: str


@dataclass(frozen=True, slots=True)
class DecodeOptions:
    """Limits on decoding, and how many processes stand ready for it."""

    n_warm_children: int = 1
    max_memory_mb: int = 512
    max_duration_ms: int = MAX_RECORDING_MS
    min_duration_ms: int = MIN_RECORDING_MS
    # All output channels together: a small file can claim 64 channels of 10 h of silence.
    max_channel_duration_ms: int = 80 * 3600 * 1000
    # A decoder may take `allowance_s` plus its audio at `min_speed` times real time, counted while
    # we wait for it; ordinary media decodes at several hundred times real time.
    allowance_s: float = 60.0
    min_speed: float = 10.0
    max_silence_s: float = 60.0  # between two of its messages
