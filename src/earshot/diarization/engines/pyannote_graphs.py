"""pyannote's two graphs, derived from the published ones so that their inner values can be used.

Segmentation decides for each frame who of three speaks; here it says how likely each is. The
embedding graph is cut where it pools over time: what comes before is the same whoever speaks.
The weights are the published ones.
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper

from earshot.audio.engines.onnx_graphs import constants, read_ort_model
from earshot.diarization.voiceprints import VoiceHead
from earshot.models.store import ModelStore

MODEL = "pyannote"
# Part of the cached files' names: raise it when a graph changes.
GRAPH_VERSION = 1
LOGARITHMS = "/inner/activation/LogSoftmax_output_0"
FEATURES = "/resnet/layer4/layer4.2/Relu_1_output_0"
_LAST_LAYER = "resnet.seg_1"


def open_segmentation(store: ModelStore) -> ort.InferenceSession:
    """`waveforms` (n, 1, WINDOW_SAMPLES) -> log probabilities of the seven classes, by frame."""
    published = store.files(MODEL)["segmentation.ort"]

    def build(path: Path) -> None:
        model = _read_model(published)
        classes = helper.make_tensor_value_info(LOGARITHMS, TensorProto.FLOAT, ["n", "frames", 7])
        _end_at(model, classes)
        onnx.save(model, path)

    return _session(store.derived(MODEL, f"segmentation-{GRAPH_VERSION}.onnx", build))


def open_features(store: ModelStore) -> ort.InferenceSession:
    """`fbank` (1, n_frames, N_MELS) -> features (1, 256, 10, n_features)."""
    published = store.files(MODEL)["embedding.ort"]

    def build(path: Path) -> None:
        model = _read_model(published)
        shape = [1, 256, 10, "n_features"]
        _end_at(model, helper.make_tensor_value_info(FEATURES, TensorProto.FLOAT, shape))
        del model.graph.input[1]  # the weights
        onnx.save(model, path)

    return _session(store.derived(MODEL, f"features-{GRAPH_VERSION}.onnx", build))


def load_head(store: ModelStore) -> VoiceHead:
    """The embedding graph's last layer."""
    published = store.files(MODEL)["embedding.ort"]

    def build(path: Path) -> None:
        held = constants(read_ort_model(published).graph)
        values, scale, zero = (
            held[f"{_LAST_LAYER}.weight_{part}"].astype(np.float32)
            for part in ("quantized", "scale", "zero_point")
        )
        weights = values * scale + zero
        with path.open("wb") as file:
            np.savez(file, weights=weights, bias=held[f"{_LAST_LAYER}.bias"])

    with np.load(store.derived(MODEL, f"head-{GRAPH_VERSION}.npz", build)) as arrays:
        return VoiceHead(arrays["weights"], arrays["bias"])


def _read_model(path: Path) -> onnx.ModelProto:
    """The model as ONNX, its branches named, without which it could not be loaded again."""
    model = read_ort_model(path)
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                attribute.g.name = attribute.name
    return model


def _end_at(model: onnx.ModelProto, output: onnx.ValueInfoProto) -> None:
    """Make that value the only output; nodes are in topological order, so what follows can go."""
    producers = [at for at, node in enumerate(model.graph.node) if output.name in node.output]
    del model.graph.node[producers[0] + 1 :]
    del model.graph.output[:]
    model.graph.output.append(output)


def _session(path: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # the arena keeps the longest run's memory for ever
    options.log_severity_level = 3  # errors only
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
