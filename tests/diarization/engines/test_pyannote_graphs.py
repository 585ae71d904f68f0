import numpy as np
import onnxruntime as ort
import pytest

from earshot.diarization.engines.pyannote_graphs import (
    load_head,
    open_features,
    open_segmentation,
)
from earshot.diarization.frames import WINDOW_FRAMES, WINDOW_SAMPLES
from earshot.diarization.voiceprints import VoiceFeatures
from earshot.models.store import ModelStore


def published(models: ModelStore, name: str) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    return ort.InferenceSession(models.files("pyannote")[name], options)


def test_the_likeliest_class_is_what_the_published_graph_decides(models: ModelStore) -> None:
    waveforms = np.random.default_rng(0).normal(size=(1, 1, WINDOW_SAMPLES)).astype(np.float32)
    feeds = {"waveforms": 0.1 * waveforms}
    (decided,) = published(models, "segmentation.ort").run(None, feeds)
    (logarithms,) = open_segmentation(models).run(None, feeds)
    assert logarithms.shape == (1, WINDOW_FRAMES, 7)
    n_speaking = np.array([0, 1, 1, 1, 2, 2, 2])[logarithms.argmax(axis=2)]
    np.testing.assert_array_equal(n_speaking, decided.sum(axis=2))


@pytest.mark.parametrize("n_frames", [100, 333])
def test_features_and_last_layer_give_the_published_embedding(
    n_frames: int, models: ModelStore
) -> None:
    random = np.random.default_rng(1)
    fbank = random.normal(size=(1, n_frames, 80)).astype(np.float32)
    (maps,) = open_features(models).run(None, {"fbank": fbank})
    n_features = maps.shape[-1]
    values = maps.reshape(-1, n_features).T
    features = VoiceFeatures(values, np.ones(n_features, dtype=bool), load_head(models))
    # The graph takes the weight of every frame, and uses the one at each feature's place.
    chosen = random.random(n_features) > 0.4
    places = np.arange(n_frames) * n_features // n_frames
    weights = chosen[places].astype(np.float32)[None]
    feeds = {"fbank": fbank, "weights": weights}
    (embedding,) = published(models, "embedding.ort").run(None, feeds)[0]
    unit = embedding / np.linalg.norm(embedding)
    used = weights[0, np.arange(n_features) * n_frames // n_features] > 0
    np.testing.assert_allclose(features.embed(used[None])[0], unit, atol=1e-3)
