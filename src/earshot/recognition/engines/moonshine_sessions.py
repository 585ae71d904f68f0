"""Moonshine's two graphs in onnxruntime, derived from the published ones the first time."""

from pathlib import Path

import onnxruntime as ort

from earshot.audio.engines.onnx_sessions import open_session
from earshot.models.store import ModelStore
from earshot.recognition.engines.moonshine_decoder_graph import save_decoder_graph
from earshot.recognition.engines.moonshine_encoder_graph import save_encoder_graph
from earshot.recognition.engines.moonshine_weights import Weights

# Part of the cached files' names: raise it when a graph changes.
GRAPH_VERSION = 10


def open_encoder(store: ModelStore, model: str) -> ort.InferenceSession:
    files = store.files(model)

    def build(path: Path) -> None:
        encoder = Weights.of_encoder(files["encoder_model.ort"])
        save_encoder_graph(encoder, Weights.of_decoder(files["decoder_model_merged.ort"]), path)

    return open_session(store.derived(model, f"encoder-{GRAPH_VERSION}.onnx", build))


def open_decoder(store: ModelStore, model: str) -> ort.InferenceSession:
    published = store.files(model)["decoder_model_merged.ort"]

    def build(path: Path) -> None:
        save_decoder_graph(Weights.of_decoder(published), path)

    return open_session(store.derived(model, f"decoder-{GRAPH_VERSION}.onnx", build))
