import numpy as np
import pytest

from earshot.audio.bandwidth import is_telephone_band
from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.testing import silence, tone


def hiss(level: float, n_samples: int = SAMPLE_RATE) -> Samples:
    noise: Samples = np.random.default_rng(7).normal(0, level, n_samples).astype(np.float32)
    return noise


def test_a_voice_with_nothing_over_four_kilohertz_came_by_telephone() -> None:
    assert is_telephone_band(tone(1000, 800.0))


@pytest.mark.parametrize("frequency_hz", [4600.0, 6000.0, 7900.0])
def test_a_voice_with_some_sound_over_it_did_not(frequency_hz: float) -> None:
    assert not is_telephone_band(tone(1000, 800.0) + tone(1000, frequency_hz, level=0.02))


def test_the_hiss_of_a_microphone_is_no_telephone() -> None:
    assert not is_telephone_band(tone(1000, 800.0) + hiss(0.01))
    assert not is_telephone_band(hiss(0.1))


def test_loudness_says_nothing() -> None:
    assert is_telephone_band(tone(1000, 800.0, level=0.001))


def test_silence_and_what_is_too_short_to_tell_is_no_telephone() -> None:
    assert not is_telephone_band(silence(1000))
    assert not is_telephone_band(tone(50, 800.0))
