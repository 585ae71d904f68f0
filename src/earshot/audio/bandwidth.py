"""How much of the spectrum speech fills: telephones leave the upper half of it empty."""

import numpy as np

from earshot.audio.waveform import SAMPLE_RATE, Samples

WINDOW_SAMPLES = 1024  # 64 ms
VOICE_HZ = (300.0, 3400.0)  # what a telephone carries (ITU-T G.712)
ABOVE_TELEPHONE_HZ = 4300.0
# Power density above that band against that in it. Microphones lie at -27 dB and over, even where
# the room is still; what came over a line of 8 kHz lies under -35 dB, its own noise included.
TELEPHONE_BELOW_DB = -32.0


def is_telephone_band(samples: Samples) -> bool:
    """Whether nothing worth mention lies over 4.3 kHz; False where there is less than a window."""
    n_windows = len(samples) // WINDOW_SAMPLES
    if not n_windows:
        return False
    windows = samples[: n_windows * WINDOW_SAMPLES].reshape(n_windows, WINDOW_SAMPLES)
    spectra = np.fft.rfft(windows * np.hanning(WINDOW_SAMPLES).astype(np.float32), axis=1)
    power = (np.abs(spectra) ** 2).sum(axis=0)  # (n_bins,)
    frequencies_hz = np.fft.rfftfreq(WINDOW_SAMPLES, 1 / SAMPLE_RATE)
    low_hz, high_hz = VOICE_HZ
    in_band = float(power[(frequencies_hz > low_hz) & (frequencies_hz < high_hz)].mean())
    above = float(power[frequencies_hz > ABOVE_TELEPHONE_HZ].mean())
    return above < in_band * 10 ** (TELEPHONE_BELOW_DB / 10)
