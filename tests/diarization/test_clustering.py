import time
import tracemalloc
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from earshot.diarization.clustering import GroupingPolicy, group_tracks
from earshot.diarization.diarizer import Stretch, Track
from earshot.diarization.speakers import Speaker
from earshot.transcript.options import SpeakerOptions
from tests.diarization.conftest import MakeTrack, spans_of, voice

AUTOMATIC = SpeakerOptions()
HOUR_MS = 3_600_000


@st.composite
def tracks_of_few(draw: st.DrawFn) -> list[Track]:
    """Up to a dozen tracks of up to five voices, some of nobody known, some of them very short."""
    tracks = []
    for _ in range(draw(st.integers(0, 12))):
        starts = sorted(draw(st.sets(st.integers(0, 60), min_size=1, max_size=3)))
        length_ms = draw(st.integers(50, 900))
        stretches = tuple(Stretch(1000 * at, 1000 * at + length_ms) for at in starts)
        number = draw(st.none() | st.integers(0, 4))
        spoken_ms = length_ms * len(stretches)
        embedding = None if number is None else voice(number, 0.3, starts[0])
        tracks.append(Track(stretches, embedding, 0 if number is None else spoken_ms))
    return tracks


@st.composite
def any_options(draw: st.DrawFn) -> SpeakerOptions:
    expected = draw(st.none() | st.integers(1, 6))
    minimum = draw(st.integers(1, 4))
    maximum = draw(st.none() | st.integers(minimum, 6))
    return SpeakerOptions(expected, minimum, maximum)


def within(stretch: Stretch, speaker: Speaker) -> bool:
    return any(
        s.start_ms <= stretch.start_ms and stretch.end_ms <= s.end_ms for s in speaker.stretches
    )


@given(tracks_of_few(), any_options())
def test_the_stretches_of_a_speaker_are_in_order_and_apart(
    tracks: list[Track], options: SpeakerOptions
) -> None:
    for speaker in group_tracks(tracks, options, 120_000):
        assert speaker.stretches
        for one, other in pairwise(speaker.stretches):
            assert one.end_ms < other.start_ms


@given(tracks_of_few(), any_options())
def test_every_track_lies_within_one_speaker_and_nothing_is_made_up(
    tracks: list[Track], options: SpeakerOptions
) -> None:
    speakers = group_tracks(tracks, options, 120_000)
    for track in tracks:
        assert any(all(within(s, speaker) for s in track.stretches) for speaker in speakers)
    said = sum(s.duration_ms for track in tracks for s in track.stretches)
    assert sum(s.duration_ms for speaker in speakers for s in speaker.stretches) <= said


@given(tracks_of_few(), any_options())
def test_there_are_no_more_speakers_than_allowed(
    tracks: list[Track], options: SpeakerOptions
) -> None:
    n_speakers = len(group_tracks(tracks, options, 120_000))
    assert n_speakers <= len(tracks)
    assert (n_speakers > 0) == (len(tracks) > 0)
    if options.expected is not None:
        assert n_speakers <= options.expected
    elif options.maximum is not None:
        assert n_speakers <= options.maximum


@given(tracks_of_few(), any_options(), st.randoms(use_true_random=False))
def test_the_order_in_which_tracks_come_changes_nothing(
    tracks: list[Track], options: SpeakerOptions, random: Random
) -> None:
    shuffled = list(tracks)
    random.shuffle(shuffled)
    one, other = (group_tracks(some, options, 120_000) for some in (tracks, shuffled))
    assert [spans_of(s.stretches) for s in one] == [spans_of(s.stretches) for s in other]


def test_no_tracks_are_no_speakers() -> None:
    assert group_tracks([], AUTOMATIC, 60_000) == []
    assert group_tracks([], SpeakerOptions(expected=3), 60_000) == []


def test_tracks_of_one_voice_in_many_chunks_are_one_speaker(make_track: MakeTrack) -> None:
    tracks = [make_track(1, (at, at + 20_000), wobble=0.5) for at in range(0, 600_000, 60_000)]
    (speaker,) = group_tracks(tracks, AUTOMATIC, 600_000)
    assert len(speaker.stretches) == 10
    assert speaker.embedding is not None
    assert float(speaker.embedding @ voice(1)) > 0.9


def test_speakers_are_in_order_of_their_first_word(make_track: MakeTrack) -> None:
    tracks = [
        make_track(7, (9_000, 12_000)),
        make_track(3, (0, 4_000), (13_000, 15_000)),
        make_track(5, (4_500, 8_000)),
    ]
    speakers = group_tracks(tracks, AUTOMATIC, 60_000)
    assert [speaker.stretches[0].start_ms for speaker in speakers] == [0, 4_500, 9_000]


def test_what_one_speaker_says_in_two_tracks_at_once_is_said_once(make_track: MakeTrack) -> None:
    tracks = [make_track(1, (0, 5_000)), make_track(1, (4_000, 9_000))]
    policy = GroupingPolicy(overlap_penalty=0.0)
    (speaker,) = group_tracks(tracks, AUTOMATIC, 60_000, policy)
    assert spans_of(speaker.stretches) == [(0, 9_000)]


@pytest.mark.parametrize("expected", [1, 2, 3, 4])
def test_as_many_speakers_are_found_as_are_expected(expected: int, make_track: MakeTrack) -> None:
    tracks = [make_track(n % 4, (10_000 * n, 10_000 * n + 5_000), wobble=0.3) for n in range(12)]
    assert len(group_tracks(tracks, SpeakerOptions(expected=expected), 120_000)) == expected


def test_more_speakers_than_voices_cannot_be_had(make_track: MakeTrack) -> None:
    tracks = [make_track(n, (5_000 * n, 5_000 * n + 4_000)) for n in range(2)]
    assert len(group_tracks(tracks, SpeakerOptions(expected=10), 60_000)) == 2


def test_a_stray_sound_is_no_expected_speaker(make_track: MakeTrack) -> None:
    tracks = [
        make_track(1, (0, 9_000)),
        make_track(1, (10_000, 19_000), wobble=0.8),
        make_track(9, (20_000, 20_900)),
    ]
    speakers = group_tracks(tracks, SpeakerOptions(expected=2), 60_000)
    assert [speaker.stretches[0].start_ms for speaker in speakers] == [0, 10_000]


def test_at_least_as_many_speakers_as_the_minimum(make_track: MakeTrack) -> None:
    tracks = [make_track(1, (5_000 * n, 5_000 * n + 4_000), wobble=0.4) for n in range(6)]
    assert len(group_tracks(tracks, SpeakerOptions(minimum=3), 60_000)) == 3


def test_what_is_said_in_passing_goes_to_the_nearest_voice(make_track: MakeTrack) -> None:
    tracks = [
        make_track(1, (0, 9_000)),
        make_track(2, (10_000, 19_000)),
        make_track(2, (9_300, 9_700), wobble=0.9),
    ]
    first, second = group_tracks(tracks, AUTOMATIC, 60_000)
    assert spans_of(first.stretches) == [(0, 9_000)]
    assert spans_of(second.stretches) == [(9_300, 9_700), (10_000, 19_000)]


def test_a_voice_that_nobody_knows_goes_to_who_speaks_nearest(make_track: MakeTrack) -> None:
    tracks = [
        make_track(1, (0, 9_000)),
        make_track(2, (20_000, 29_000)),
        make_track(None, (19_000, 19_500)),
    ]
    _, second = group_tracks(tracks, AUTOMATIC, 60_000)
    assert spans_of(second.stretches) == [(19_000, 19_500), (20_000, 29_000)]


@given(st.sets(st.integers(0, 40), min_size=3, max_size=20), st.data())
def test_who_speaks_nearest_is_who_has_the_nearest_of_all_stretches(
    taken: set[int], data: st.DataObject
) -> None:
    slots = sorted(taken)
    asked = data.draw(st.sampled_from(slots))
    owners = {slot: data.draw(st.integers(1, 2)) for slot in slots if slot != asked}
    assume(len(set(owners.values())) == 2)
    gaps = {n: min(abs(s - asked) for s, o in owners.items() if o == n) for n in (1, 2)}
    assume(gaps[1] != gaps[2])
    tracks = [
        Track(
            tuple(
                Stretch(2_000 * s, 2_000 * s + 1_900) for s, o in sorted(owners.items()) if o == n
            ),
            voice(n),
            9_000,
        )
        for n in (1, 2)
    ]
    unknown = Stretch(2_000 * asked + 100, 2_000 * asked + 1_800)
    speakers = group_tracks([*tracks, Track((unknown,), None, 0)], AUTOMATIC, 90_000)
    (owner,) = [speaker for speaker in speakers if within(unknown, speaker)]
    assert owner.embedding is not None
    assert np.allclose(owner.embedding, voice(min(gaps, key=lambda n: gaps[n])), atol=1e-5)


def test_only_unknown_voices_are_one_speaker(make_track: MakeTrack) -> None:
    tracks = [make_track(None, (0, 300)), make_track(None, (1_000, 1_300))]
    (speaker,) = group_tracks(tracks, AUTOMATIC, 60_000)
    assert spans_of(speaker.stretches) == [(0, 300), (1_000, 1_300)]
    assert speaker.embedding is None


@pytest.mark.parametrize(("duration_ms", "most"), [(300_000, 10), (HOUR_MS, 30)])
def test_no_more_speakers_are_looked_for_than_the_duration_allows(
    duration_ms: int, most: int, make_track: MakeTrack
) -> None:
    tracks = [make_track(n, (5_000 * n, 5_000 * n + 4_000)) for n in range(40)]
    assert len(group_tracks(tracks, AUTOMATIC, duration_ms)) == most


def test_short_recordings_may_have_more_than_ten_speakers(make_track: MakeTrack) -> None:
    tracks = [make_track(n, (5_000 * n, 5_000 * n + 4_000)) for n in range(15)]
    assert len(group_tracks(tracks, AUTOMATIC, 100_000)) == 15


def test_identical_voices_cannot_be_told_apart_but_by_order(make_track: MakeTrack) -> None:
    tracks = [make_track(1, (5_000 * n, 5_000 * n + 4_000)) for n in range(4)]
    same = [Track(track.stretches, voice(1), track.clean_ms) for track in tracks]
    assert len(group_tracks(same, AUTOMATIC, 60_000)) == 1
    assert len(group_tracks(same, SpeakerOptions(expected=2), 60_000)) == 2


def hours_of_talk(n_hours: int) -> list[Track]:
    """Six voices in chunks of 80 s: each in many stretches, in passing, and some unknown."""
    tracks = []
    for chunk in range(45 * n_hours):
        start_ms = 80_000 * chunk
        for n in range(6):
            at_ms = [start_ms + 2_000 * turn for turn in range(n, 40, 6)]
            tracks.append(Track(tuple(Stretch(at, at + 1_500) for at in at_ms), voice(n), 9_000))
            passing = (Stretch(at_ms[1] + 1_600, at_ms[1] + 1_900),)
            tracks.append(Track(passing, voice(n), 300) if n % 2 else Track(passing, None, 0))
    return tracks


@pytest.mark.slow
@pytest.mark.alone
def test_ten_hours_take_hardly_more_than_ten_times_as_long_as_one() -> None:
    took_s = {}
    for n_hours in (2, 10):
        tracks = hours_of_talk(n_hours)
        started_s = time.process_time()
        assert len(group_tracks(tracks, AUTOMATIC, n_hours * HOUR_MS)) == 6
        took_s[n_hours] = time.process_time() - started_s
    assert took_s[10] < 12 * took_s[2]  # 25 times, where every pair is looked at anew


@pytest.mark.slow
def test_memory_is_bounded_where_hardly_any_two_tracks_are_alike(make_track: MakeTrack) -> None:
    tracks = [make_track(n, (4_000 * n, 4_000 * n + 3_000)) for n in range(2_000)]
    policy = GroupingPolicy(n_at_once=100)
    tracemalloc.start()
    try:
        speakers = group_tracks(tracks, AUTOMATIC, 2 * HOUR_MS, policy)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 1 <= len(speakers) <= 30
    assert peak_bytes < len(tracks) ** 2 * 8  # one matrix of all distances


def test_embeddings_of_speakers_have_length_one(make_track: MakeTrack) -> None:
    tracks = [make_track(n % 2, (5_000 * n, 5_000 * n + 4_000), wobble=0.4) for n in range(6)]
    for speaker in group_tracks(tracks, AUTOMATIC, 60_000):
        assert speaker.embedding is not None
        assert float(np.linalg.norm(speaker.embedding)) == pytest.approx(1.0, abs=1e-5)
