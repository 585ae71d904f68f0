from itertools import pairwise

import numpy as np

from earshot.diarization.frames import FIRST_FEATURE_SAMPLES, FIRST_FRAME_SAMPLES, FRAME_SAMPLES
from earshot.diarization.tracks import TrackPolicy, join_tracks
from earshot.diarization.voiceprints import VoiceFeatures, VoiceHead
from earshot.diarization.windows import LocalVoices
from tests.diarization.conftest import spans_of, voice
from tests.diarization.test_windows import HOP, make_voices

MAIN = slice(0, 280)


def heard(voices: LocalVoices, *turns: tuple[int, int, int]) -> VoiceFeatures:
    """Features in which the voice of that number sounds from one frame to another."""
    n_features = voices.n_samples // 1280
    middles = FIRST_FEATURE_SAMPLES + 1280 * np.arange(n_features)
    frames = (middles - FIRST_FRAME_SAMPLES) // FRAME_SAMPLES
    values = np.zeros((n_features, 256), dtype=np.float32)
    for number, first, end in turns:
        values[(first <= frames) & (frames < end)] = voice(number)
    head = VoiceHead(np.eye(256, 512, dtype=np.float32), np.full(256, 1e-3, np.float32))
    return VoiceFeatures(values, np.ones(n_features, dtype=bool), head)


def test_local_speakers_of_two_windows_are_one_track_where_they_sound_alike() -> None:
    voices = make_voices({0: slice(100, 500)}, {2: slice(0, 500 - HOP)})
    (track,) = join_tracks(voices, heard(voices, (1, 100, 500)), 15_000)
    assert len(track.stretches) == 1
    assert abs(track.stretches[0].start_ms - 1_700) < 50
    assert abs(track.stretches[0].end_ms - 8_450) < 50
    assert track.embedding is not None
    assert float(track.embedding @ voice(1)) > 0.99


def test_two_people_whom_the_windows_take_for_one_are_two_tracks() -> None:
    voices = make_voices({0: slice(0, 560)})
    tracks = join_tracks(voices, heard(voices, (1, 0, 280), (2, 280, 589)), 10_000)
    assert len(tracks) == 2
    first, second = (track.stretches for track in tracks)
    assert abs(first[-1].end_ms - second[0].start_ms) < 100
    assert abs(second[0].start_ms - 4_750) < 1_500


def test_people_who_speak_at_once_overlap() -> None:
    voices = make_voices({0: slice(0, 300), 1: slice(200, 500)})
    turns = heard(voices, (1, 0, 250), (2, 250, 589))
    one, other = join_tracks(voices, turns, 10_000)
    assert one.stretches[0].end_ms > other.stretches[0].start_ms + 1_000
    assert one.clean_ms < 3_800


def test_short_pauses_in_which_nobody_speaks_are_filled() -> None:
    voices = make_voices({0: slice(0, 200), 1: slice(400, 420)})
    voices.scores[0, 210:350, 0] = 1  # 10 frames are 170 ms
    voices.scores[0, 450:500, 0] = 1  # 100 frames are 1.7 s
    (track, *_) = join_tracks(voices, heard(voices, (1, 0, 589)), 10_000)
    assert any(end - start > 5_500 for start, end in spans_of(track.stretches))


def test_stretches_are_in_order_apart_and_inside_the_audio() -> None:
    voices = make_voices({0: slice(0, 589)}, {1: slice(0, 589)}, n_samples=200_000)
    for track in join_tracks(voices, heard(voices, (1, 0, 2_000)), 12_500):
        assert track.stretches[0].start_ms >= 0
        assert track.stretches[-1].end_ms <= 12_500
        assert all(a.end_ms < b.start_ms for a, b in pairwise(track.stretches))


def test_windows_without_speakers_have_no_tracks() -> None:
    voices = make_voices({}, {})
    assert join_tracks(voices, heard(voices), 15_000) == []


def test_a_voice_without_features_has_no_embedding() -> None:
    voices = make_voices({0: MAIN})
    features = heard(voices, (1, 0, 589))
    features.is_present[:] = False
    (track,) = join_tracks(voices, features, 10_000)
    assert track.embedding is None
    assert track.clean_ms == 0


def test_uncertain_speech_is_left_out_with_a_higher_onset() -> None:
    voices = make_voices({0: slice(0, 200)})
    voices.scores[0, 300:400, 0] = 0.4
    features = heard(voices, (1, 0, 589))
    (eager,) = join_tracks(voices, features, 10_000, TrackPolicy(onset=0.35))
    (careful,) = join_tracks(voices, features, 10_000, TrackPolicy(onset=0.5))
    assert len(eager.stretches) == 2
    assert len(careful.stretches) == 1
