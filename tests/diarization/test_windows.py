import numpy as np

from earshot.diarization.frames import FRAME_SAMPLES, WINDOW_FRAMES, WINDOW_SAMPLES
from earshot.diarization.windows import (
    LocalVoices,
    decide_who_speaks,
    find_local_speakers,
    score_voices,
)

HOP = 296


def make_voices(*activity: dict[int, slice], n_samples: int | None = None) -> LocalVoices:
    """Windows at HOP frames from one another; each maps columns to when they surely speak."""
    scores = np.zeros((len(activity), WINDOW_FRAMES, 3), dtype=np.float32)
    for window, columns in enumerate(activity):
        for column, frames in columns.items():
            scores[window, frames, column] = 1
    starts = HOP * np.arange(len(activity))
    whole = (len(activity) - 1) * HOP * FRAME_SAMPLES + WINDOW_SAMPLES
    return LocalVoices(starts, scores, whole if n_samples is None else n_samples)


def test_local_speakers_are_laid_out_where_their_windows_are() -> None:
    found = find_local_speakers(make_voices({0: slice(10, 20)}, {2: slice(5, 15)}))
    assert found.windows.tolist() == [0, 1]
    assert np.flatnonzero(found.is_active[0]).tolist() == list(range(10, 20))
    assert np.flatnonzero(found.is_active[1]).tolist() == list(range(HOP + 5, HOP + 15))


def test_nobody_is_alone_while_two_speak() -> None:
    found = find_local_speakers(make_voices({0: slice(0, 30), 1: slice(20, 50)}))
    assert np.flatnonzero(found.is_alone[0]).tolist() == list(range(20))
    assert np.flatnonzero(found.is_alone[1]).tolist() == list(range(30, 50))


def test_who_speaks_only_behind_the_end_is_nobody() -> None:
    voices = make_voices({0: slice(0, 50), 1: slice(400, 450)}, n_samples=100 * FRAME_SAMPLES)
    assert len(find_local_speakers(voices).windows) == 1


def test_the_count_of_speakers_is_the_mean_over_windows() -> None:
    voices = make_voices({0: slice(HOP, HOP + 10)}, {0: slice(0, 10), 1: slice(0, 10)})
    np.testing.assert_allclose(voices.n_speaking[HOP : HOP + 10], 1.5)


def test_speakers_of_one_voice_share_its_score() -> None:
    voices = make_voices({0: slice(HOP, HOP + 10)}, {2: slice(0, 10)})
    scores = score_voices(voices, find_local_speakers(voices), np.array([[0], [0]]))
    np.testing.assert_allclose(scores[HOP : HOP + 10, 0], 1)


def test_a_voice_may_change_within_a_local_speaker() -> None:
    voices = make_voices({0: slice(0, 100)})
    labels = np.zeros((1, voices.n_frames), dtype=int)
    labels[0, 50:] = 1
    scores = score_voices(voices, find_local_speakers(voices), labels)
    assert scores[49].tolist() == [1, 0]
    assert scores[50].tolist() == [0, 1]


def test_as_many_speak_as_are_counted_and_the_likeliest_first() -> None:
    scores = np.array([[0.2, 0.9, 0.6], [0.2, 0.9, 0.6], [0.0, 0.3, 0.0]], dtype=np.float32)
    n_speaking = np.array([1.0, 1.7, 0.3], dtype=np.float32)
    active = decide_who_speaks(scores, n_speaking, onset=0.5, second=1.5)
    assert active.tolist() == [[False, True, False], [False, True, True], [False, False, False]]


def test_one_voice_cannot_speak_twice_at_once() -> None:
    active = decide_who_speaks(np.ones((4, 1), np.float32), np.full(4, 2.0, np.float32), 0.5, 1.5)
    assert active.tolist() == [[True]] * 4
