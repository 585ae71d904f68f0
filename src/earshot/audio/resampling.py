"""Changing the rate of audio that arrives in pieces."""

from functools import lru_cache
from math import ceil, gcd

import numpy as np

from earshot.audio.waveform import SAMPLE_RATE, Samples

# Zero crossings of the sinc on each side, and the window's shape: about 80 dB of stop band.
HALF_CROSSINGS = 16
KAISER_BETA = 8.0
# Of the lower of both Nyquist frequencies: what lies above is given up so that nothing folds back.
PASS_BAND = 0.94


class StreamResampler:
    """Mono samples of any rate to 16 kHz, piece by piece, in bounded memory.

    How the audio is cut into pieces does not matter: positions are counted in whole samples, and
    every output sample is the same sum of the same inputs.
    """

    def __init__(self, sample_rate: int) -> None:
        common = gcd(sample_rate, SAMPLE_RATE)
        self._up, self._down = SAMPLE_RATE // common, sample_rate // common
        self._taps = _phase_taps(self._up, self._down)  # (n_phases, n_taps)
        self._half = self._taps.shape[1] // 2
        self._n_out = 0
        self._first = -self._half  # position of the first kept input
        self._kept: Samples = np.zeros(self._half, dtype=np.float32)

    def resample(self, samples: Samples) -> Samples:
        """What can be told of the output now; the rest comes with later pieces, or with `flush`."""
        self._kept = np.concatenate([self._kept, samples])
        # Output m lies at input m * down / up, and needs the inputs up to `half` beyond that.
        end = self._first + len(self._kept)
        n_ready = -(-(end - self._half) * self._up // self._down)  # rounded up
        return self._produce(n_ready) if n_ready > self._n_out else np.zeros(0, dtype=np.float32)

    def flush(self) -> Samples:
        """The rest of the output, as if silence followed."""
        return self.resample(np.zeros(self._half, dtype=np.float32))

    def _produce(self, n_ready: int) -> Samples:
        positions = np.arange(self._n_out, n_ready, dtype=np.int64) * self._down
        inputs, phases = positions // self._up, positions % self._up
        starts = inputs - self._half + 1 - self._first
        windows = np.lib.stride_tricks.sliding_window_view(self._kept, self._taps.shape[1])
        resampled: Samples = np.einsum("ij,ij->i", windows[starts], self._taps[phases])
        self._n_out = n_ready
        next_start = n_ready * self._down // self._up - self._half + 1
        n_done = max(0, next_start - self._first)
        self._kept = self._kept[n_done:]
        self._first += n_done
        return resampled.astype(np.float32, copy=False)


@lru_cache(maxsize=8)
def _phase_taps(up: int, down: int) -> Samples:
    """For each of `up` places between two inputs, the weights of the inputs around it."""
    cutoff = PASS_BAND * min(1.0, up / down)  # of the input's Nyquist frequency
    half = ceil(HALF_CROSSINGS / cutoff)
    offsets = np.arange(1 - half, half + 1)  # of inputs, from the one at or before the place
    distances = offsets[None, :] - np.arange(up)[:, None] / up
    window = np.i0(KAISER_BETA * np.sqrt(np.clip(1 - (distances / half) ** 2, 0, 1)))
    taps = np.sinc(cutoff * distances) * window
    normalised: Samples = (taps / taps.sum(axis=1, keepdims=True)).astype(np.float32)
    return normalised
