import numpy as np
import pytest

from earshot.diarization.frames import (
    FRAME_SAMPLES,
    WINDOW_FRAMES,
    WINDOW_SAMPLES,
    count_frames,
    frame_to_ms,
    frames_of_features,
    window_starts,
)


@pytest.mark.parametrize("n_samples", [1, WINDOW_SAMPLES - 1, WINDOW_SAMPLES, 700_001])
def test_windows_hear_every_sample(n_samples: int) -> None:
    starts = window_starts(n_samples, 296)
    assert starts[0] == 0
    assert starts[-1] * FRAME_SAMPLES + WINDOW_SAMPLES >= n_samples
    assert set(np.diff(starts).tolist()) <= {296}


def test_a_window_has_as_many_frames_as_the_model_gives() -> None:
    # 495 + 270 * 589 is past the end by less than a step, as the model's first frame is late.
    assert abs(count_frames(WINDOW_SAMPLES) - WINDOW_FRAMES) <= 2


def test_audio_shorter_than_half_of_a_frame_has_none() -> None:
    assert count_frames(100) == 0


def test_frames_are_17_ms_apart_and_times_do_not_drift() -> None:
    assert frame_to_ms(0) == 22
    assert frame_to_ms(1600) - frame_to_ms(0) == 27_000


def test_descriptions_belong_to_the_frames_at_the_same_time() -> None:
    frames = frames_of_features(750, count_frames(60 * 16_000))
    times_ms = [frame_to_ms(int(frame)) for frame in frames]
    assert all(abs(at_ms - 80 * index) <= 25 for index, at_ms in enumerate(times_ms))
