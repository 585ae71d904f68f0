import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.audio.loudness import MAX_GAIN, QUIET_LEVEL, raise_quiet
from earshot.audio.waveform import Samples
from earshot.testing import silence, tone


def level_of(samples: Samples) -> float:
    return float(np.percentile(np.abs(samples), 99))


@pytest.mark.parametrize("level", [0.002, 0.01, 0.025])
def test_faint_audio_is_raised_to_the_level_of_quiet_speech(level: float) -> None:
    raised = raise_quiet(tone(1000, level=level))
    assert raised.dtype == np.float32
    assert level_of(raised) == pytest.approx(QUIET_LEVEL, rel=0.01)


@pytest.mark.parametrize("samples", [tone(1000, level=0.3), silence(1000), silence(0)])
def test_loud_audio_and_no_sound_at_all_stay_as_they_are(samples: Samples) -> None:
    assert raise_quiet(samples) is samples


@given(st.sampled_from([0.9, 1.1]), st.integers(0, 400), st.integers(1, 400))
def test_what_counts_as_faint_is_the_level_of_the_loud_part(
    level: float, n_loud: int, n_faint: int
) -> None:
    near = np.full(n_loud, level * QUIET_LEVEL, dtype=np.float32)
    samples = np.concatenate([near, np.full(n_faint, 0.001, dtype=np.float32)])
    is_raised = raise_quiet(samples) is not samples
    assert is_raised == (level_of(samples) < QUIET_LEVEL)


def test_one_loud_click_keeps_the_rest_from_being_raised_over_full_scale() -> None:
    faint = tone(1000, level=0.001)
    faint[500] = 0.8
    assert np.abs(raise_quiet(faint)).max() <= 1.0


@given(st.floats(1e-5, 1.0))
def test_nothing_gets_fainter_or_louder_than_it_may(level: float) -> None:
    samples = tone(100, level=level)
    gain = np.abs(raise_quiet(samples)).max() / np.abs(samples).max()
    assert 1.0 <= gain <= MAX_GAIN * 1.0001
