import numpy as np
import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples, Waveform
from earshot.models.store import ModelStore
from earshot.recognition.engines.moonshine_encoder import NOTHING, SpeechEncoder
from earshot.recognition.engines.moonshine_encoder_graph import FRAME_SAMPLES
from earshot.recognition.engines.moonshine_sessions import open_encoder
from earshot.recognition.engines.moonshine_weights import Floats


@pytest.fixture(scope="module")
def encoder(models: ModelStore) -> SpeechEncoder:
    return SpeechEncoder(open_encoder(models, "moonshine"))


def differ(found: Floats, wanted: Floats) -> float:
    """Root mean square of the differences, as a part of the spread."""
    return float(np.sqrt(np.mean((found - wanted) ** 2)) / np.std(wanted))


def test_a_segment_that_grows_is_encoded_as_if_it_were_new(
    encoder: SpeechEncoder, two_cities: Samples
) -> None:
    known = NOTHING
    for n_samples in (500, 4000, 4001, 20_000, 5 * SAMPLE_RATE):
        segment = Waveform(two_cities[:n_samples])
        n_known = len(known.rows)
        encoded, known = encoder.encode_on(segment, known)
        assert len(known.rows) == encoded.n_frames >= n_known
        whole = encoder.encode(segment)
        assert differ(encoded.cross_attention, whole.cross_attention) < 0.1


def test_what_was_convolved_of_the_beginning_is_kept(
    encoder: SpeechEncoder, two_cities: Samples
) -> None:
    _, known = encoder.encode_on(Waveform(two_cities[: 3 * SAMPLE_RATE]))
    _, longer = encoder.encode_on(Waveform(two_cities[: 4 * SAMPLE_RATE]), known)
    np.testing.assert_array_equal(longer.rows[: len(known.rows)], known.rows)


@pytest.mark.parametrize("start", [1, FRAME_SAMPLES, SAMPLE_RATE])
def test_a_segment_that_begins_otherwise_is_encoded_from_its_beginning(
    encoder: SpeechEncoder, two_cities: Samples, start: int
) -> None:
    _, known = encoder.encode_on(Waveform(two_cities[: 3 * SAMPLE_RATE]))
    other = Waveform(two_cities[start : start + 4 * SAMPLE_RATE])
    encoded, _ = encoder.encode_on(other, known)
    np.testing.assert_array_equal(encoded.cross_attention, encoder.encode(other).cross_attention)
