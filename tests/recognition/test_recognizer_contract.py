"""What `recognition.recognizer` promises, run on every engine.

The engines of the optional extras run tiny models that were never taught anything. What they say is
the same of all audio, so one promise is not asked of them: that silence gives no words. Those with
real weights are asked for it too, below `model`.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from earshot.audio.segments import Segment
from earshot.audio.speech import Span
from earshot.audio.waveform import SAMPLE_RATE, Samples, Waveform
from earshot.models.catalog import CATALOG
from earshot.models.store import ModelStore
from earshot.recognition.catalog import load_recognizer
from earshot.recognition.language_codes import language_of
from earshot.recognition.recognizer import Recognition, Recognizer
from earshot.recognition.transcribe import transcribe_segments
from earshot.settings import load_settings
from earshot.testing import ScriptedRecognizer, silence
from tests.recognition.conftest import TINY

TAUGHT = ["scripted", "moonshine"]
# In `models pull`'s folder on this machine, where there is one: the weights that were published.
PULLED = [spec.name for spec in CATALOG if spec.layout is not None]
ENGINES = [*TAUGHT, *TINY, *(pytest.param(f"pulled {n}", marks=pytest.mark.model) for n in PULLED)]
TAUGHT_ENGINES = [*TAUGHT, *ENGINES[-len(PULLED) :]]


def engine_of(name: str, request: pytest.FixtureRequest) -> Recognizer:
    if name == "scripted":
        return ScriptedRecognizer()
    if name.startswith("pulled "):
        return pulled_recognizer(name.removeprefix("pulled "))
    if name in TINY:
        store: ModelStore = request.getfixturevalue("tiny_store")
        return load_recognizer(name, store)
    embedded: Recognizer = request.getfixturevalue("embedded_recognizer")
    return embedded


@cache
def pulled_recognizer(name: str) -> Recognizer:
    store = ModelStore(load_settings().models)
    if not store.is_present(name):
        pytest.skip(f"earshot models pull {name}")
    return load_recognizer(name, store)


@pytest.fixture(params=ENGINES)
def recognizer(request: pytest.FixtureRequest) -> Recognizer:
    return engine_of(request.param, request)


@pytest.fixture(scope="module")
def segments(two_cities: Samples) -> list[Waveform]:
    """Speech of unlike lengths: 2 to 5 s."""
    edges = (np.array([0.0, 2.0, 6.5, 9.5, 14.5]) * SAMPLE_RATE).astype(int).tolist()
    return [Waveform(two_cities[start:end]) for start, end in pairwise(edges)]


def spelled(recognitions: list[Recognition]) -> list[list[str]]:
    return [[word.text for word in recognition.words] for recognition in recognitions]


def test_an_engine_says_its_name_and_languages(recognizer: Recognizer) -> None:
    assert recognizer.name
    assert all(language_of(language) == language for language in recognizer.languages)
    assert recognizer.languages


def test_nothing_comes_of_nothing(recognizer: Recognizer) -> None:
    assert recognizer.recognize([]) == []


def test_every_segment_has_its_recognition_in_order(
    recognizer: Recognizer, segments: list[Waveform]
) -> None:
    forwards = spelled(recognizer.recognize(segments))
    backwards = spelled(recognizer.recognize(segments[::-1]))
    assert all(forwards)
    assert backwards[::-1] == forwards


def test_times_increase_and_stay_inside_the_segment(
    recognizer: Recognizer, segments: list[Waveform]
) -> None:
    for segment, recognition in zip(segments, recognizer.recognize(segments), strict=True):
        edges_ms = [edge for word in recognition.words for edge in (word.start_ms, word.end_ms)]
        assert edges_ms == sorted(edges_ms)
        assert edges_ms[0] >= 0
        assert edges_ms[-1] <= segment.duration_ms


def test_words_are_spelled_without_spaces_and_confidences_are_probabilities(
    recognizer: Recognizer, segments: list[Waveform]
) -> None:
    for recognition in recognizer.recognize(segments):
        assert all(word.text and word.text == word.text.strip() for word in recognition.words)
        assert all(0 <= word.confidence <= 1 for word in recognition.words)
        assert recognition.mean_logprob <= 0


def test_the_same_segments_give_the_same_recognitions_twice(
    recognizer: Recognizer, segments: list[Waveform]
) -> None:
    assert recognizer.recognize(segments) == recognizer.recognize(segments)


def test_a_segment_has_the_same_words_alone_and_in_a_batch(
    recognizer: Recognizer, segments: list[Waveform]
) -> None:
    alone = [recognition for one in segments for recognition in recognizer.recognize([one])]
    assert spelled(alone) == spelled(recognizer.recognize(segments))


def test_several_threads_at_once_get_what_one_would(
    recognizer: Recognizer, segments: list[Waveform]
) -> None:
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(recognizer.recognize, [[one] for one in segments]))
    assert together == [recognizer.recognize([one]) for one in segments]


@pytest.mark.parametrize("n_samples", [1, 159 * 16, 160 * 16])
def test_a_very_short_segment_is_no_error(recognizer: Recognizer, n_samples: int) -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, n_samples).astype(np.float32)
    segment = Waveform(noise)
    (recognition,) = recognizer.recognize([segment])
    assert all(
        0 <= word.start_ms <= word.end_ms <= segment.duration_ms for word in recognition.words
    )


def test_a_very_short_segment_does_not_change_its_neighbour_in_the_batch(
    recognizer: Recognizer, segments: list[Waveform]
) -> None:
    short = Waveform(segments[0].samples[:1])
    with_neighbour = recognizer.recognize([short, segments[1]])
    assert spelled(with_neighbour)[1:] == spelled(recognizer.recognize([segments[1]]))


@pytest.mark.parametrize("recognizer", TAUGHT_ENGINES, indirect=True)
@pytest.mark.parametrize("duration_ms", [200, 2000, 9000])
def test_silence_that_was_taken_for_speech_gives_no_words(
    recognizer: Recognizer, duration_ms: int
) -> None:
    samples = silence(duration_ms)
    mistaken = Segment(0, len(samples), (Span(0, len(samples)),))
    probabilities = np.ones(-(-len(samples) // 512), dtype=np.float32)
    assert transcribe_segments(recognizer, samples, probabilities, [mistaken]) == ()
