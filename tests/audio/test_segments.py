from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.audio.segments import (
    ENERGY_WINDOW_SAMPLES,
    Segment,
    SegmentPolicy,
    pack_segments,
    quietest_point,
)
from earshot.audio.speech import FRAME_SAMPLES, Probabilities, Span
from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.testing import silence, tone

POLICY = SegmentPolicy(min_s=8.0, max_s=16.0, break_s=2.0, padding_s=0.25)
MAX_SAMPLES = int(POLICY.max_s * SAMPLE_RATE)
PADDING_SAMPLES = int(POLICY.padding_s * SAMPLE_RATE)


def pack(speech: list[Span], samples: Samples, policy: SegmentPolicy = POLICY) -> list[Segment]:
    n_frames = -(-len(samples) // FRAME_SAMPLES)
    probabilities: Probabilities = np.ones(n_frames, dtype=np.float32)
    return pack_segments(speech, samples, probabilities, policy)


def spans_s(*edges_s: float) -> list[Span]:
    edges = [int(edge * SAMPLE_RATE) for edge in edges_s]
    return [Span(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def bounds_s(segments: list[Segment]) -> list[tuple[float, float]]:
    """Each segment's first and last speech."""
    return [
        (
            segment.speech[0].start_samples / SAMPLE_RATE,
            segment.speech[-1].end_samples / SAMPLE_RATE,
        )
        for segment in segments
    ]


@st.composite
def audio_with_speech(draw: st.DrawFn) -> tuple[Samples, list[Span]]:
    parts_ms = draw(st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 40_000)), max_size=6))
    speech, at = [], 0
    for gap_ms, length_ms in parts_ms:
        start, at = at + gap_ms * 16, at + (gap_ms + length_ms) * 16
        speech.append(Span(start, at))
    n_samples = at + draw(st.integers(0, 20_000))
    noise = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return noise.uniform(-0.5, 0.5, n_samples).astype(np.float32), speech


def test_no_speech_gives_no_segments() -> None:
    assert pack([], silence(5000)) == []


def test_short_stretches_of_speech_share_a_segment() -> None:
    segments = pack(spans_s(1, 2, 2.5, 4, 5, 6), silence(8000))
    assert bounds_s(segments) == [(1, 6)]
    assert segments[0].speech == tuple(spans_s(1, 2, 2.5, 4, 5, 6))


def test_a_long_silence_always_ends_a_segment() -> None:
    assert bounds_s(pack(spans_s(1, 2, 4, 5), silence(6000))) == [(1, 2), (4, 5)]


def test_the_widest_silence_within_reach_ends_a_segment() -> None:
    speech = spans_s(0, 5, 5.3, 9, 10, 12, 12.2, 15, 15.3, 20)
    assert bounds_s(pack(speech, silence(21_000))) == [(0, 9), (10, 20)]


def test_padding_is_never_more_than_half_of_the_way_to_the_next() -> None:
    first, second = pack(spans_s(1, 2, 2.2, 3), silence(4000), replace(POLICY, break_s=0.1))
    assert first.start_samples == int(0.75 * SAMPLE_RATE)
    assert first.end_samples == second.start_samples == int(2.1 * SAMPLE_RATE)
    assert second.end_samples == int(3.25 * SAMPLE_RATE)


def test_padding_stops_at_the_ends_of_the_audio() -> None:
    (segment,) = pack(spans_s(0.1, 0.9), silence(1000))
    assert (segment.start_samples, segment.end_samples) == (0, SAMPLE_RATE)


def test_speech_without_a_pause_is_cut_where_it_is_quietest() -> None:
    samples = np.concatenate([tone(11_000), silence(60), tone(11_000)])
    first, second = pack([Span(0, len(samples))], samples)
    assert first.end_samples == second.start_samples
    assert 11_000 <= first.end_samples / 16 <= 11_060


def test_speech_of_one_loudness_is_cut_where_it_is_least_likely() -> None:
    samples = tone(22_000)
    probabilities = np.ones(-(-len(samples) // FRAME_SAMPLES), dtype=np.float32)
    unlikely = 12 * SAMPLE_RATE // FRAME_SAMPLES
    probabilities[unlikely - 1 : unlikely + 2] = 0.1
    first, _ = pack_segments([Span(0, len(samples))], samples, probabilities, POLICY)
    assert abs(first.end_samples // FRAME_SAMPLES - unlikely) <= 1


@given(audio_with_speech())
def test_segments_hold_all_of_the_speech_in_order_and_never_overlap(
    audio: tuple[Samples, list[Span]],
) -> None:
    samples, speech = audio
    segments = pack(speech, samples)
    held = [span for segment in segments for span in segment.speech]
    covered = np.zeros(len(samples), dtype=bool)
    for span in held:
        assert not covered[span.start_samples : span.end_samples].any()
        covered[span.start_samples : span.end_samples] = True
    wanted = np.zeros(len(samples), dtype=bool)
    for span in speech:
        wanted[span.start_samples : span.end_samples] = True
    assert np.array_equal(covered, wanted)
    assert all(a.end_samples <= b.start_samples for a, b in pairwise(segments))
    for segment in segments:
        assert segment.start_samples <= segment.speech[0].start_samples
        assert segment.speech[-1].end_samples <= segment.end_samples
        assert 0 <= segment.start_samples < segment.end_samples <= len(samples)


@given(audio_with_speech())
def test_no_segment_is_longer_than_the_policy_and_its_padding(
    audio: tuple[Samples, list[Span]],
) -> None:
    samples, speech = audio
    for segment in pack(speech, samples):
        assert segment.speech[-1].end_samples - segment.speech[0].start_samples <= MAX_SAMPLES
        assert segment.n_samples <= MAX_SAMPLES + 2 * PADDING_SAMPLES


@given(audio_with_speech())
def test_a_stretch_that_fits_is_never_cut(audio: tuple[Samples, list[Span]]) -> None:
    samples, speech = audio
    held = {span for segment in pack(speech, samples) for span in segment.speech}
    assert {span for span in speech if span.n_samples <= MAX_SAMPLES} <= held


@pytest.mark.parametrize("n_windows", [1, 2, 3, 10])
def test_a_quietest_point_lies_in_ranges_of_any_length(n_windows: int) -> None:
    samples = tone(1000)
    low, high = 4000, 4000 + n_windows * ENERGY_WINDOW_SAMPLES
    probabilities = np.ones(40, dtype=np.float32)
    assert low <= quietest_point(samples, probabilities, low, high) < high


@pytest.mark.parametrize("quiet_window", [0, 1, 5, 9])
def test_the_quietest_window_is_found_at_the_edges_too(quiet_window: int) -> None:
    samples = tone(1000)
    start = quiet_window * ENERGY_WINDOW_SAMPLES
    samples[start : start + ENERGY_WINDOW_SAMPLES] = 0
    point = quietest_point(samples, np.ones(40, dtype=np.float32), 0, 10 * ENERGY_WINDOW_SAMPLES)
    assert abs(point - (start + ENERGY_WINDOW_SAMPLES // 2)) <= ENERGY_WINDOW_SAMPLES
