import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.audio.waveform import (
    PCM16_SCALE,
    SAMPLE_RATE,
    Waveform,
    pcm16_from_samples,
    samples_from_pcm16,
)


@given(st.lists(st.integers(-(2**15), 2**15 - 1)))
def test_every_pcm_value_survives_the_way_there_and_back(values: list[int]) -> None:
    pcm = np.array(values, dtype="<i2").tobytes()
    assert pcm16_from_samples(samples_from_pcm16(pcm)) == pcm


def test_samples_lie_between_minus_one_and_one() -> None:
    samples = samples_from_pcm16(np.array([-(2**15), 0, 2**15 - 1], dtype="<i2").tobytes())
    assert samples.tolist() == [-1.0, 0.0, pytest.approx(1.0, abs=1e-4)]


def test_samples_out_of_range_clip_and_do_not_wrap() -> None:
    loud = np.array([-7.0, 1.0, 7.0], dtype=np.float32)
    assert np.frombuffer(pcm16_from_samples(loud), dtype="<i2").tolist() == [
        -(2**15),
        2**15 - 1,
        2**15 - 1,
    ]


def test_samples_are_rounded_to_the_nearest_value() -> None:
    between = np.array([0.4, 0.6, -0.6], dtype=np.float32) / PCM16_SCALE
    assert np.frombuffer(pcm16_from_samples(between), dtype="<i2").tolist() == [0, 1, -1]


def test_a_waveform_knows_how_long_it_is_at_its_own_rate() -> None:
    samples = np.zeros(SAMPLE_RATE, dtype=np.float32)
    assert Waveform(samples).duration_ms == 1000
    assert Waveform(samples, 8000).duration_ms == 2000
