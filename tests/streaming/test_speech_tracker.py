import pytest

from earshot.audio.speech import FRAME_SAMPLES
from earshot.streaming.speech_tracker import PADDING_SAMPLES, SpeechTracker

THRESHOLD = 0.4


def hear(tracker: SpeechTracker, probabilities: list[float]) -> list[bool]:
    return [tracker.hear(probability, THRESHOLD) for probability in probabilities]


def test_speech_begins_with_its_third_frame() -> None:
    assert hear(SpeechTracker(), [0.1, 0.9, 0.9, 0.9, 0.9]) == [False, False, False, True, False]


def test_a_click_is_no_speech() -> None:
    tracker = SpeechTracker()
    assert not any(hear(tracker, [0.9, 0.9, 0.0, 0.9, 0.9, 0.0]))
    assert not tracker.is_open


def test_silence_is_counted_from_the_last_frame_with_speech() -> None:
    tracker = SpeechTracker()
    hear(tracker, [0.9] * 5 + [0.0] * 10)
    assert tracker.silence_frames == 10
    assert tracker.silence_ms == 320
    assert tracker.speech_ms == 160


@pytest.mark.parametrize(("probability", "silence_frames"), [(0.3, 0), (0.2, 1)])
def test_speech_goes_on_a_little_under_where_it_begins(
    probability: float, silence_frames: int
) -> None:
    tracker = SpeechTracker()
    hear(tracker, [0.9, 0.9, 0.9, probability])
    assert tracker.silence_frames == silence_frames


def test_the_threshold_decides_what_speech_is() -> None:
    tracker = SpeechTracker()
    assert not any(tracker.hear(0.6, threshold=0.7) for _ in range(10))
    assert any(tracker.hear(0.6, threshold=0.5) for _ in range(10))


def test_stretches_of_speech_are_padded_and_joined_where_they_touch() -> None:
    tracker = SpeechTracker()
    hear(tracker, [0.0] * 10 + [0.9] * 5 + [0.0] * 3 + [0.9] * 4 + [0.0] * 30 + [0.9] * 3)
    first, second = tracker.speech
    assert first.start_samples == 10 * FRAME_SAMPLES - PADDING_SAMPLES
    assert first.end_samples == 22 * FRAME_SAMPLES + PADDING_SAMPLES
    assert second.start_samples == 52 * FRAME_SAMPLES - PADDING_SAMPLES


def test_after_it_is_closed_speech_begins_anew() -> None:
    tracker = SpeechTracker()
    hear(tracker, [0.9] * 5)
    tracker.close()
    assert tracker.speech_ms == 0
    assert hear(tracker, [0.9] * 3) == [False, False, True]


def test_stretches_that_lie_back_are_forgotten() -> None:
    tracker = SpeechTracker()
    hear(tracker, [0.9] * 5 + [0.0] * 30 + [0.9] * 5)
    tracker.forget_before(30 * FRAME_SAMPLES)
    assert len(tracker.speech) == 1
