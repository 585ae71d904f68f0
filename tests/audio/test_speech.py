from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from earshot.audio.speech import (
    FRAME_SAMPLES,
    Span,
    SpeechPolicy,
    audible_part,
    find_speech,
)
from earshot.testing import silence, tone

PLAIN = SpeechPolicy(padding_ms=0)
# By PLAIN: 3 frames (96 ms) are the shortest speech, 5 (160 ms) the shortest silence between two.
MIN_SPEECH_FRAMES, MIN_SILENCE_FRAMES = 3, 5

frame_probabilities = st.lists(st.sampled_from([0.0, 0.2, 0.35, 0.4, 0.5, 0.9]), max_size=60).map(
    lambda values: np.array(values, dtype=np.float32)
)


def spans_in_frames(probabilities: list[float], policy: SpeechPolicy = PLAIN) -> list[list[int]]:
    found = find_speech(
        np.array(probabilities, dtype=np.float32), len(probabilities) * FRAME_SAMPLES, policy
    )
    return [[s.start_samples // FRAME_SAMPLES, s.end_samples // FRAME_SAMPLES] for s in found]


def test_no_frames_hold_no_speech() -> None:
    assert spans_in_frames([]) == []


def test_speech_lasts_from_its_first_sure_frame_to_its_last_likely_one() -> None:
    assert spans_in_frames([0.4, 0.9, 0.4, 0.9, 0.4, 0.1, 0.1, 0.1, 0.1, 0.1]) == [[1, 5]]


def test_speech_may_last_to_the_end() -> None:
    assert spans_in_frames([0, 0, 1, 1, 1]) == [[2, 5]]


def test_a_short_silence_does_not_part_speech_and_a_longer_one_does() -> None:
    word = [1.0] * MIN_SPEECH_FRAMES
    short, long = [0.0] * (MIN_SILENCE_FRAMES - 1), [0.0] * MIN_SILENCE_FRAMES
    assert spans_in_frames([*word, *short, *word]) == [[0, 10]]
    assert spans_in_frames([*word, *long, *word]) == [[0, 3], [8, 11]]


def test_a_click_is_no_speech() -> None:
    assert spans_in_frames([0, 1, 1, 0, 0, 0, 0, 0, 0]) == []


def test_padding_stays_inside_the_audio_and_joins_what_it_bridges() -> None:
    word, silence = [1.0] * 4, [0.0] * 6  # 192 ms
    padded = find_speech(
        np.array([*word, *silence, *word], dtype=np.float32),
        14 * FRAME_SAMPLES - 100,
        SpeechPolicy(padding_ms=96),
    )
    assert padded == [Span(0, 14 * FRAME_SAMPLES - 100)]


@given(frame_probabilities, st.integers(0, FRAME_SAMPLES - 1))
def test_spans_are_in_order_inside_the_audio_and_never_overlap_or_touch(
    probabilities: np.typing.NDArray[np.float32], n_missing: int
) -> None:
    n_samples = max(0, len(probabilities) * FRAME_SAMPLES - n_missing)
    spans = find_speech(probabilities, n_samples)
    assert all(0 <= span.start_samples < span.end_samples <= n_samples for span in spans)
    assert all(a.end_samples < b.start_samples for a, b in pairwise(spans))


@given(frame_probabilities)
def test_padding_only_ever_adds(probabilities: np.typing.NDArray[np.float32]) -> None:
    n_samples = len(probabilities) * FRAME_SAMPLES
    padded = find_speech(probabilities, n_samples)
    for bare in find_speech(probabilities, n_samples, PLAIN):
        assert any(
            span.start_samples <= bare.start_samples and bare.end_samples <= span.end_samples
            for span in padded
        )


@given(frame_probabilities)
def test_outside_of_speech_no_run_of_sure_frames_is_long_enough_to_be_some(
    probabilities: np.typing.NDArray[np.float32],
) -> None:
    is_speech = np.zeros(len(probabilities), dtype=bool)
    for span in find_speech(probabilities, len(probabilities) * FRAME_SAMPLES, PLAIN):
        is_speech[span.start_samples // FRAME_SAMPLES : span.end_samples // FRAME_SAMPLES] = True
    is_missed = (probabilities >= PLAIN.start_threshold) & ~is_speech
    run = 0
    for missed in is_missed.tolist():
        run = run + 1 if missed else 0
        assert run < MIN_SPEECH_FRAMES


def test_the_quiet_at_both_edges_of_a_span_is_no_part_of_what_is_audible() -> None:
    samples = np.concatenate([silence(100), tone(1000), silence(150), tone(500)])
    assert audible_part(Span(0, 20_000), samples) == Span(1600, 17_600)


def test_what_is_audible_in_a_noisy_room_stands_out_from_the_noise() -> None:
    noise = np.random.default_rng(0).standard_normal(20_000).astype(np.float32) * 0.02
    samples = noise + np.concatenate([silence(100), tone(1000), silence(150)])
    assert audible_part(Span(0, 20_000), samples) == Span(1600, 17_600)


def test_a_span_of_even_loudness_is_audible_as_a_whole() -> None:
    samples = tone(1000)
    assert audible_part(Span(3, 15_000), samples) == Span(3, 15_000)
    assert audible_part(Span(3, 15_000), silence(1000)) == Span(3, 15_000)


@given(st.integers(0, 300), st.integers(1, 8000), st.integers(0, 2**32 - 1))
def test_what_is_audible_lies_in_its_span_and_is_never_empty(
    start: int, length: int, seed: int
) -> None:
    levels = np.random.default_rng(seed)
    samples = (levels.standard_normal(9000) * levels.integers(0, 2, 9000)).astype(np.float32)
    samples[: levels.integers(0, 9000)] *= 0.001
    part = audible_part(Span(start, start + length), samples)
    assert start <= part.start_samples < part.end_samples <= start + length
