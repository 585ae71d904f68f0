from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime as ort
import pytest

from earshot.audio.engines.silero import RUN_FRAMES, SileroDetector
from earshot.audio.speech import FRAME_SAMPLES, Probabilities, find_speech
from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.models.store import ModelStore
from earshot.testing import silence, tone


def published_probabilities(models: ModelStore, samples: Samples) -> Probabilities:
    """What the graph as it is published says, frame by frame."""
    session = ort.InferenceSession(models.files("silero")["silero_vad.ort"])
    n_frames = -(-len(samples) // FRAME_SAMPLES)
    padded = np.zeros((1, 64 + n_frames * FRAME_SAMPLES), dtype=np.float32)
    padded[0, 64 : 64 + len(samples)] = samples
    state = np.zeros((2, 1, 128), dtype=np.float32)
    rate = np.array(SAMPLE_RATE, dtype=np.int64)
    probabilities = np.empty(n_frames, dtype=np.float32)
    for frame in range(n_frames):
        window = padded[:, frame * FRAME_SAMPLES :][:, : 64 + FRAME_SAMPLES]
        feeds = {"input": window, "state": state, "sr": rate}
        ((probabilities[frame],),), state = session.run(None, feeds)
    return probabilities


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


def test_audio_heard_in_several_runs_has_the_probabilities_of_the_published_model(
    embedded_detector: SileroDetector, models: ModelStore, two_cities: Samples
) -> None:
    assert len(two_cities) > 2 * RUN_FRAMES * FRAME_SAMPLES
    published = published_probabilities(models, two_cities)
    found = embedded_detector.speech_probabilities(two_cities)
    assert np.abs(found - published).max() < 1e-4


def test_the_same_audio_has_the_same_probabilities_on_several_threads(
    embedded_detector: SileroDetector, beckett: Samples
) -> None:
    alone = embedded_detector.speech_probabilities(beckett)
    with ThreadPoolExecutor(4) as pool:
        for together in pool.map(embedded_detector.speech_probabilities, [beckett] * 4):
            assert np.array_equal(together, alone)


@pytest.mark.parametrize("n_frames", [1, 7, 300])
def test_audio_heard_as_a_stream_has_the_same_probabilities(
    embedded_detector: SileroDetector, beckett: Samples, n_frames: int
) -> None:
    samples = beckett[: len(beckett) // FRAME_SAMPLES * FRAME_SAMPLES]
    stream = embedded_detector.open_stream()
    n_chunk = n_frames * FRAME_SAMPLES
    parts = [stream.hear(samples[at : at + n_chunk]) for at in range(0, len(samples), n_chunk)]
    whole = embedded_detector.speech_probabilities(samples)
    assert np.abs(np.concatenate(parts) - whole).max() < 1e-4


def test_streams_of_one_detector_know_nothing_of_each_other(
    embedded_detector: SileroDetector, beckett: Samples
) -> None:
    samples = beckett[: 60 * FRAME_SAMPLES]
    alone = embedded_detector.open_stream().hear(samples)
    one, other = embedded_detector.open_stream(), embedded_detector.open_stream()
    other.hear(silence(3200)[: 100 * FRAME_SAMPLES])
    assert np.array_equal(one.hear(samples), alone)
