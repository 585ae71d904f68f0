import numpy as np
import onnxruntime as ort
import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples, Waveform
from earshot.models.store import ModelStore
from earshot.recognition.engines.moonshine_encoder import SpeechEncoder
from earshot.recognition.engines.moonshine_encoder_graph import (
    EDGE_SAMPLES,
    FRAME_SAMPLES,
)
from earshot.recognition.engines.moonshine_sessions import open_encoder
from earshot.recognition.engines.moonshine_weights import HEAD_SIZE, N_HEADS, N_LAYERS, Floats


def published_cross_attention(models: ModelStore, samples: Samples) -> Floats:
    """The keys and values that the published graphs make of the samples, in our shape."""
    files = models.files("moonshine")
    encoder = ort.InferenceSession(files["encoder_model.ort"])
    mask = np.ones((1, len(samples)), dtype=np.int64)
    (states,) = encoder.run(None, {"input_values": samples[None], "attention_mask": mask})
    decoder = ort.InferenceSession(files["decoder_model_merged.ort"])
    empty = np.zeros((1, N_HEADS, 0, HEAD_SIZE), dtype=np.float32)
    feeds = {
        "input_ids": np.ones((1, 1), dtype=np.int64),
        "encoder_hidden_states": states,
        "encoder_attention_mask": mask,
        "use_cache_branch": np.array([False]),
    }
    pasts = [one.name for one in decoder.get_inputs() if one.name.startswith("past_key")]
    wanted = [f"present.{n}.encoder.{part}" for n in range(N_LAYERS) for part in ("key", "value")]
    found = decoder.run(wanted, {**feeds, **dict.fromkeys(pasts, empty)})
    heads: Floats = np.concatenate(found)
    return heads.reshape(N_LAYERS, 2, *heads.shape[1:])


@pytest.mark.parametrize("n_frames", [1, 2, 3, 100])
def test_there_is_a_key_and_a_value_for_each_frame_and_layer(
    models: ModelStore, n_frames: int
) -> None:
    samples = np.zeros(n_frames * FRAME_SAMPLES + EDGE_SAMPLES, dtype=np.float32)
    output = SpeechEncoder(open_encoder(models, "moonshine")).encode(Waveform(samples))
    assert output.cross_attention.shape == (N_LAYERS, 2, N_HEADS, n_frames, HEAD_SIZE)


def test_keys_and_values_are_those_of_the_published_model_but_for_rounding(
    models: ModelStore, two_cities: Samples
) -> None:
    # The published model takes the samples of 3 to 5 hops more than it has frames for.
    n_samples = (5 * SAMPLE_RATE) // FRAME_SAMPLES * FRAME_SAMPLES + EDGE_SAMPLES - 1
    samples = two_cities[:n_samples]
    published = published_cross_attention(models, samples)
    encoder = SpeechEncoder(open_encoder(models, "moonshine"))
    ours = encoder.encode(Waveform(samples)).cross_attention
    assert ours.shape == published.shape
    for found, wanted in zip(
        ours.reshape(-1, *ours.shape[2:]), published.reshape(-1, *ours.shape[2:]), strict=True
    ):
        assert np.sqrt(np.mean((found - wanted) ** 2)) < 0.1 * np.std(wanted)
