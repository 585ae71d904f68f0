from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from earshot.audio.engines.silero import LANE_FRAMES, SileroDetector
from earshot.audio.speech import FRAME_SAMPLES, find_speech
from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.testing import silence, tone


@pytest.mark.parametrize("n_samples", [0, 1, 511, 512, 513, 16_000])
def test_there_is_one_probability_per_frame_the_last_one_padded(
    embedded_detector: SileroDetector, n_samples: int
) -> None:
    probabilities = embedded_detector.speech_probabilities(np.zeros(n_samples, dtype=np.float32))
    assert probabilities.shape == (-(-n_samples // FRAME_SAMPLES),)
    assert probabilities.dtype == np.float32


def test_speech_is_likely_where_it_is_and_unlikely_in_silence_around_it(
    embedded_detector: SileroDetector, beckett: Samples
) -> None:
    samples = np.concatenate([silence(4000), beckett, silence(4000)])
    probabilities = embedded_detector.speech_probabilities(samples)
    speech = find_speech(probabilities, len(samples))
    assert speech
    assert speech[0].start_samples >= 3.8 * SAMPLE_RATE
    assert speech[-1].end_samples <= len(samples) - 3.5 * SAMPLE_RATE
    assert probabilities.max() > 0.9


@pytest.mark.parametrize("frequency_hz", [50.0, 440.0, 4000.0])
def test_a_tone_is_no_speech(embedded_detector: SileroDetector, frequency_hz: float) -> None:
    samples = tone(5000, frequency_hz)
    assert find_speech(embedded_detector.speech_probabilities(samples), len(samples)) == []


def test_cutting_long_audio_into_lanes_finds_the_same_speech(
    embedded_detector: SileroDetector, two_cities: Samples
) -> None:
    # Longer than a lane, so that it is cut; the first lane alone has heard everything from 0.
    assert len(two_cities) > LANE_FRAMES * FRAME_SAMPLES
    late = two_cities[10 * SAMPLE_RATE // FRAME_SAMPLES * FRAME_SAMPLES :]
    whole = embedded_detector.speech_probabilities(two_cities)[-200:]
    assert len(whole) == 200
    shifted = embedded_detector.speech_probabilities(late)[-200:]
    assert np.mean(np.abs(whole - shifted)) < 0.02


def test_the_same_audio_has_the_same_probabilities_on_several_threads(
    embedded_detector: SileroDetector, beckett: Samples
) -> None:
    alone = embedded_detector.speech_probabilities(beckett)
    with ThreadPoolExecutor(4) as pool:
        for together in pool.map(embedded_detector.speech_probabilities, [beckett] * 4):
            assert np.array_equal(together, alone)
