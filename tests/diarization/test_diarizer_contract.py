"""What `diarization.diarizer` promises, run on every diarizer."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest

from earshot.audio.speech import Span
from earshot.audio.waveform import SAMPLE_RATE, Samples, Waveform
from earshot.diarization.diarizer import Diarizer, Track
from earshot.testing import ScriptedDiarizer

DIARIZERS = ["scripted", "pyannote"]


@pytest.fixture(params=DIARIZERS)
def diarizer(request: pytest.FixtureRequest) -> Diarizer:
    if request.param == "scripted":
        return ScriptedDiarizer()
    embedded: Diarizer = request.getfixturevalue("embedded_diarizer")
    return embedded


def find(diarizer: Diarizer, samples: Samples) -> list[Track]:
    return diarizer.find_tracks(Waveform(samples), [Span(0, len(samples))])


def assert_same(one: list[Track], other: list[Track]) -> None:
    assert [(t.stretches, t.clean_ms) for t in one] == [(t.stretches, t.clean_ms) for t in other]
    for mine, theirs in zip(one, other, strict=True):
        assert (mine.embedding is None) == (theirs.embedding is None)
        if mine.embedding is not None and theirs.embedding is not None:
            np.testing.assert_array_equal(mine.embedding, theirs.embedding)


def test_silence_has_no_voices(diarizer: Diarizer) -> None:
    assert find(diarizer, np.zeros(5 * SAMPLE_RATE, dtype=np.float32)) == []


def test_audio_without_speech_has_no_voices(diarizer: Diarizer, beckett: Samples) -> None:
    assert diarizer.find_tracks(Waveform(beckett), []) == []


def test_no_audio_has_no_voices(diarizer: Diarizer) -> None:
    assert diarizer.find_tracks(Waveform(np.zeros(0, dtype=np.float32)), []) == []


def test_stretches_are_in_order_apart_and_inside_the_audio(
    diarizer: Diarizer, beckett: Samples
) -> None:
    tracks = find(diarizer, beckett)
    assert tracks
    for track in tracks:
        assert track.stretches
        assert track.stretches[0].start_ms >= 0
        assert track.stretches[-1].end_ms <= Waveform(beckett).duration_ms
        assert all(stretch.duration_ms > 0 for stretch in track.stretches)
        assert all(one.end_ms <= other.start_ms for one, other in pairwise(track.stretches))


def test_embeddings_have_length_one_and_come_of_clean_speech(
    diarizer: Diarizer, beckett: Samples
) -> None:
    for track in find(diarizer, beckett):
        assert (track.embedding is None) == (track.clean_ms == 0)
        if track.embedding is not None:
            assert float(np.linalg.norm(track.embedding)) == pytest.approx(1.0, abs=1e-4)


def test_the_same_audio_has_the_same_tracks_on_several_threads(
    diarizer: Diarizer, beckett: Samples
) -> None:
    expected = find(diarizer, beckett[: 6 * SAMPLE_RATE])
    with ThreadPoolExecutor(3) as pool:
        for found in pool.map(lambda _: find(diarizer, beckett[: 6 * SAMPLE_RATE]), range(3)):
            assert_same(found, expected)


def test_looking_for_voices_leaves_the_samples_as_they_were(
    diarizer: Diarizer, beckett: Samples
) -> None:
    samples = beckett[: 3 * SAMPLE_RATE].copy()
    find(diarizer, samples)
    np.testing.assert_array_equal(samples, beckett[: 3 * SAMPLE_RATE])
