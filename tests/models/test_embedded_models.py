"""The embedded models on the recordings that came with them: accuracy as a bound, not a text."""

import re
from itertools import pairwise

import numpy as np
import pytest

from earshot.audio.engines.silero import SileroDetector
from earshot.audio.segments import pack_segments
from earshot.audio.speech import find_speech
from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.recognition.recognizer import Recognizer
from earshot.recognition.transcribe import transcribe_segments
from earshot.testing import silence
from earshot.transcript.words import Word

MAX_WORD_ERROR_RATE = 0.15
# Charles Dickens, A Tale of Two Cities (1859), as far as it is read.
TWO_CITIES = """
It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of
foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of
light, it was the season of darkness, it was the spring of hope, it was the winter of despair, we
had everything before us, we had nothing before us, we were all going direct to heaven, we were all
going direct the other way. In short, the period was so far like the present period, that some of
its noisiest authorities insisted on its being received, for good or for evil, in the superlative
degree of comparison only.
"""
BECKETT = "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."


def transcribe(
    samples: Samples, detector: SileroDetector, recognizer: Recognizer
) -> tuple[Word, ...]:
    probabilities = detector.speech_probabilities(samples)
    segments = pack_segments(find_speech(probabilities, len(samples)), samples, probabilities)
    return transcribe_segments(recognizer, samples, probabilities, segments)


def plain_words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def word_error_rate(reference: list[str], heard: list[str]) -> float:
    """Substitutions, deletions and insertions per word of the reference."""
    costs = list(range(len(heard) + 1))
    for row, wanted in enumerate(reference, 1):
        diagonal, costs[0] = costs[0], row
        for column, word in enumerate(heard, 1):
            least = min(costs[column] + 1, costs[column - 1] + 1, diagonal + (wanted != word))
            diagonal, costs[column] = costs[column], least
    return costs[-1] / len(reference)


def test_the_error_rate_counts_every_kind_of_error() -> None:
    assert word_error_rate(["a", "b", "c", "d"], ["a", "x", "d", "e"]) == 3 / 4
    assert word_error_rate(["a"], ["a"]) == 0


@pytest.mark.slow
def test_read_english_is_recognised(
    two_cities: Samples, embedded_detector: SileroDetector, embedded_recognizer: Recognizer
) -> None:
    words = transcribe(two_cities, embedded_detector, embedded_recognizer)
    heard = plain_words(" ".join(word.text for word in words))
    assert word_error_rate(plain_words(TWO_CITIES), heard) <= MAX_WORD_ERROR_RATE
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(words))
    assert words[-1].end_ms <= 1000 * len(two_cities) / SAMPLE_RATE
    assert np.median([word.confidence for word in words]) > 0.8


def test_slow_english_with_long_pauses_is_recognised(
    beckett: Samples, embedded_detector: SileroDetector, embedded_recognizer: Recognizer
) -> None:
    words = transcribe(beckett, embedded_detector, embedded_recognizer)
    heard = plain_words(" ".join(word.text for word in words))
    assert word_error_rate(plain_words(BECKETT), heard) <= MAX_WORD_ERROR_RATE


def test_no_word_lies_in_a_pause(
    beckett: Samples, embedded_detector: SileroDetector, embedded_recognizer: Recognizer
) -> None:
    # Three seconds of nothing in the middle of a pause must not become part of a word.
    probabilities = embedded_detector.speech_probabilities(beckett)
    speech = find_speech(probabilities, len(beckett))
    pauses = [(a.end_samples, b.start_samples) for a, b in pairwise(speech)]
    start, end = max(pauses, key=lambda pause: pause[1] - pause[0])
    cut = (start + end) // 2
    longer = np.concatenate([beckett[:cut], silence(3000), beckett[cut:]])
    words = transcribe(longer, embedded_detector, embedded_recognizer)
    cut_ms = 1000 * cut // SAMPLE_RATE
    assert words
    assert all(word.end_ms <= cut_ms + 100 or word.start_ms >= cut_ms + 2900 for word in words)


@pytest.mark.parametrize("level", [0.0, 0.002, 0.05])
def test_silence_and_noise_give_no_words(
    level: float, embedded_detector: SileroDetector, embedded_recognizer: Recognizer
) -> None:
    noise = np.random.default_rng(3).normal(0, 1, 10 * SAMPLE_RATE).astype(np.float32) * level
    assert transcribe(noise.astype(np.float32), embedded_detector, embedded_recognizer) == ()
