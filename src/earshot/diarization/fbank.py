"""Mel filterbank features as Kaldi computes them, which the voice model was trained on.

The definition is Kaldi's `compute-fbank-feats` (kaldi-asr.org/doc/feat.html) with a Hamming window.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from earshot.audio.waveform import PCM16_SCALE, SAMPLE_RATE, Samples

Fbank = npt.NDArray[np.float32]  # (n_frames, N_MELS), natural logarithms

N_MELS = 80
FRAME_SAMPLES = SAMPLE_RATE * 25 // 1000
HOP_SAMPLES = SAMPLE_RATE * 10 // 1000
_FFT_SIZE = 512  # the next power of two of a frame
_PREEMPHASIS = np.float32(0.97)
_LOWEST_HZ = 20.0
# Kaldi's floor, so that digital silence has a logarithm.
_LEAST_ENERGY = np.finfo(np.float32).eps


def compute_fbank(samples: Samples) -> Fbank:
    """The features of every whole frame, (n_frames, N_MELS); not yet centred."""
    if len(samples) < FRAME_SAMPLES:
        return np.empty((0, N_MELS), dtype=np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(samples, FRAME_SAMPLES)[::HOP_SAMPLES]
    frames = windows * PCM16_SCALE
    frames -= frames.mean(axis=1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    frames -= _PREEMPHASIS * before
    frames *= np.hamming(FRAME_SAMPLES).astype(np.float32)
    spectrum = np.fft.rfft(frames, _FFT_SIZE)[:, :-1]
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    energies: Fbank = power @ _mel_filters()
    logarithms: Fbank = np.log(np.maximum(energies, _LEAST_ENERGY))
    return logarithms


@cache
def _mel_filters() -> npt.NDArray[np.float32]:
    """Triangles that are evenly spaced and sided in mel, (_FFT_SIZE / 2, N_MELS)."""
    edges = np.linspace(_mel(_LOWEST_HZ), _mel(SAMPLE_RATE / 2), N_MELS + 2)
    bins = _mel(np.arange(_FFT_SIZE // 2) * SAMPLE_RATE / _FFT_SIZE)[:, None]
    width = edges[1] - edges[0]
    rising = (bins - edges[:-2]) / width
    falling = (edges[2:] - bins) / width
    filters: npt.NDArray[np.float32] = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    return filters


def _mel(frequency_hz: npt.ArrayLike) -> npt.NDArray[np.float64]:
    mel = 1127.0 * np.log1p(np.asarray(frequency_hz, dtype=np.float64) / 700.0)
    return np.asarray(mel, dtype=np.float64)
