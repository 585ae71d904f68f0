"""Moonshine's two graphs in onnxruntime, derived from the published ones the first time."""

from pathlib import Path

import onnxruntime as ort

from earshot.models.store import ModelStore
from earshot.recognition.engines.moonshine_decoder_graph import save_decoder_graph
from earshot.recognition.engines.moonshine_encoder_graph import save_encoder_graph
from earshot.recognition.engines.moonshine_weights import Weights

# Part of the cached files' names: raise it when a graph changes.
GRAPH_VERSION = 6
CPU_INFO = Path("/proc/cpuinfo")


def open_encoder(store: ModelStore, model: str) -> ort.InferenceSession:
    files = store.files(model)

    def build(path: Path) -> None:
        encoder = Weights.of_encoder(files["encoder_model.ort"])
        save_encoder_graph(encoder, Weights.of_decoder(files["decoder_model_merged.ort"]), path)

    return _session(store.derived(model, f"encoder-{GRAPH_VERSION}.onnx", build))


def open_decoder(store: ModelStore, model: str) -> ort.InferenceSession:
    published = store.files(model)["decoder_model_merged.ort"]

    def build(path: Path) -> None:
        save_decoder_graph(Weights.of_decoder(published), path)

    return _session(store.derived(model, f"decoder-{GRAPH_VERSION}.onnx", build))


def _session(path: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    # One intra-op thread: parallelism is over batches, which scales better on small graphs.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # the arena keeps the largest batch's memory for ever
    options.log_severity_level = 3  # errors only: the graph's own shape warnings say nothing
    if not has_exact_byte_products(CPU_INFO):
        options.add_session_config_entry("session.x64quantprecision", "1")
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def has_exact_byte_products(cpu_info: Path) -> bool:
    """Whether the processor is known to sum products of signed and unsigned bytes in 32 bits.

    x86 without VNNI sums pairs in 16 bits, which overflow; onnxruntime then has a slower way. On
    other processors than x86 that setting does nothing.
    """
    return cpu_info.is_file() and "vnni" in cpu_info.read_text(errors="replace")
