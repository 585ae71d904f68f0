import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.audio.resampling import StreamResampler
from earshot.audio.waveform import SAMPLE_RATE, Samples

RATES = [8_000, 11_025, 22_050, 24_000, 44_100, 48_000, 96_000]


def sine(frequency_hz: float, sample_rate: int, duration_s: float = 1.0) -> Samples:
    moments_s = np.arange(int(duration_s * sample_rate)) / sample_rate
    wave: Samples = np.sin(2 * np.pi * frequency_hz * moments_s).astype(np.float32)
    return wave


def resampled(samples: Samples, sample_rate: int, cuts: list[int]) -> Samples:
    resampler = StreamResampler(sample_rate)
    pieces = [resampler.resample(piece) for piece in np.split(samples, sorted(cuts))]
    return np.concatenate([*pieces, resampler.flush()])


@pytest.mark.parametrize("sample_rate", RATES)
def test_a_tone_stays_that_tone_at_its_time(sample_rate: int) -> None:
    found = resampled(sine(1000, sample_rate), sample_rate, [])
    wanted = sine(1000, SAMPLE_RATE)
    assert len(found) == len(wanted)
    assert np.abs(found - wanted)[400:-400].max() < 0.01


@pytest.mark.parametrize("sample_rate", [24_000, 48_000, 96_000])
def test_what_16_khz_cannot_hold_does_not_fold_back(sample_rate: int) -> None:
    found = resampled(sine(9_000, sample_rate), sample_rate, [])
    assert np.abs(found[400:-400]).max() < 0.01


@given(st.lists(st.integers(0, 4_410), max_size=20), st.sampled_from([8_000, 44_100, 16_001]))
def test_cuts_make_no_difference(cuts: list[int], sample_rate: int) -> None:
    samples = sine(440, sample_rate, 0.1)
    np.testing.assert_array_equal(
        resampled(samples, sample_rate, cuts), resampled(samples, sample_rate, [])
    )


def test_little_is_kept_of_long_audio() -> None:
    resampler = StreamResampler(48_000)
    for _ in range(1_000):
        resampler.resample(np.zeros(4_800, dtype=np.float32))
    assert len(resampler._kept) < 200
