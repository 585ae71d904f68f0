"""Moonshine's decoder graph with its cross-attention as outputs, made once by graph surgery."""

from pathlib import Path
from tempfile import TemporaryDirectory

import onnx
import onnxruntime as ort

# Part of the cached file's name: raise it when the surgery changes.
GRAPH_VERSION = 2
N_LAYERS = 6
N_HEADS = 8
_ATTENTION_TENSOR = "/model/decoder/layers.{layer}/encoder_attn/Softmax_output_0"
# The upper half: its heads follow the audio. With all six, or with the median filter of Whisper's
# reference, word times on meetings come out no better, and decoding slower.
ATTENTION_LAYERS = (3, 4, 5)
ATTENTION_OUTPUTS = [f"cross_attention.{layer}" for layer in ATTENTION_LAYERS]


def save_decoder_with_attention(decoder: Path, path: Path) -> None:
    """Write the ORT-format decoder as ONNX with three more outputs, each (b, n_heads, s, n_frames).

    onnxruntime itself converts: it loads ORT format and saves what it has optimised. Basic
    optimisation keeps the graph portable between CPUs. Both branches of the graph's If get the
    outputs, since either may run.
    """
    model = _as_onnx(decoder)
    (branching,) = [node for node in model.graph.node if node.op_type == "If"]
    for branch in branching.attribute:
        branch.g.name = branch.name  # ONNX wants a name where ORT format has none
        for layer in ATTENTION_LAYERS:
            branch.g.output.append(_attention_info(_ATTENTION_TENSOR.format(layer=layer)))
    for name in ATTENTION_OUTPUTS:
        branching.output.append(name)
        model.graph.output.append(_attention_info(name))
    onnx.save(model, path)


def _as_onnx(decoder: Path) -> onnx.ModelProto:
    with TemporaryDirectory() as folder:
        converted = str(Path(folder) / "decoder.onnx")
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = converted
        options.add_session_config_entry("session.save_model_format", "ONNX")
        options.log_severity_level = 3  # it warns that the saved graph is for this runtime: we know
        ort.InferenceSession(decoder, options, providers=["CPUExecutionProvider"])
        return onnx.load(converted)


def _attention_info(name: str) -> onnx.ValueInfoProto:
    shape = ["batch_size", N_HEADS, "decoder_sequence_length", "encoder_frames"]
    return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
