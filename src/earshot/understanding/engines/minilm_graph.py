"""all-MiniLM-L6-v2 as one graph of fused operators, its matrices in eight bits.

Weights: huggingface.co/sentence-transformers/all-MiniLM-L6-v2, an encoder of BERT's kind
(arXiv:1810.04805): six layers of attention and a feed-forward part, each added and normalised.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earshot.audio.engines.onnx_graphs import GraphWriter
from earshot.understanding.engines.safetensors import Floats

# Part of the cached file's name: raise it when the graph changes.
GRAPH_VERSION = 2
HEAD_SIZE = 32
NORM_EPSILON = 1e-12
LARGEST_BYTE = 127  # of the values from -127 to 127

Bytes = npt.NDArray[np.int8]


def save_encoder_graph(weights: Mapping[str, Floats], path: Path) -> None:
    """Write the graph from `tokens` and `mask` (n_rows, n_tokens) to `states`, a vector for each.

    `middle_states` is what the states are behind half of the layers.
    The mask is 1 for a token and 0 for filler. Every token is quantised by its own scale on the
    way: what comes out of a row does not depend on the rows beside it.
    """
    graph = GraphWriter("minilm")
    size = weights["embeddings.word_embeddings.weight"].shape[1]
    states = middle = _add_embedding(graph, weights)
    n_layers = _n_layers(weights)
    for layer in range(n_layers):
        if layer == n_layers // 2:
            middle = states
        states = _add_attention(graph, weights, f"encoder.layer.{layer}.attention", states, size)
        states = _add_feed_forward(graph, weights, f"encoder.layer.{layer}", states)
    graph.rename(states, "states")
    graph.rename(middle, "middle_states")
    shape = ("n_rows", "n_tokens", size)
    graph.save(
        path,
        {
            "tokens": (np.int64, ("n_rows", "n_tokens")),
            "mask": (np.int32, ("n_rows", "n_tokens")),
        },
        {"states": (np.float32, shape), "middle_states": (np.float32, shape)},
    )


def quantise(matrix: Floats, axis: int) -> tuple[Bytes, Floats]:
    """The matrix as bytes, and the scales to multiply them by: one for each index of `axis`."""
    largest = np.abs(matrix).max(axis=1 - axis, keepdims=True)
    scales = np.maximum(largest, np.finfo(np.float32).tiny) / LARGEST_BYTE
    return np.rint(matrix / scales).astype(np.int8), scales.ravel().astype(np.float32)


def _n_layers(weights: Mapping[str, Floats]) -> int:
    return sum(name.endswith(".intermediate.dense.weight") for name in weights)


def _add_embedding(graph: GraphWriter, weights: Mapping[str, Floats]) -> str:
    """What is known of each token by itself and by its position, (n_rows, n_tokens, size)."""
    values, scales = quantise(weights["embeddings.word_embeddings.weight"], axis=0)
    table = graph.constant("words", values)
    scales_of_words = graph.constant("words.scales", scales[:, None])
    bytewise = graph.op("Cast", graph.op("Gather", table, "tokens", axis=0), to=1)  # 1: float
    words = graph.op("Mul", bytewise, graph.op("Gather", scales_of_words, "tokens", axis=0))
    # Every text is the first of a possible pair: the kind of token is 0 throughout.
    kind = weights["embeddings.token_type_embeddings.weight"][0]
    places = weights["embeddings.position_embeddings.weight"] + kind
    n_tokens = graph.op("Shape", "tokens", start=1, end=2)
    zero, one = graph.integers(0), graph.integers(1)
    positions = graph.op("Slice", graph.constant("places", places), zero, n_tokens, zero, one)
    return _add_norm(graph, weights, "embeddings.LayerNorm", graph.op("Add", words, positions))


def _add_attention(
    graph: GraphWriter, weights: Mapping[str, Floats], name: str, states: str, size: int
) -> str:
    parts = [f"{name}.self.{part}" for part in ("query", "key", "value")]
    matrix = np.concatenate([weights[f"{part}.weight"] for part in parts])
    bias = np.concatenate([weights[f"{part}.bias"] for part in parts])
    projected = _add_product(graph, f"{name}.qkv", states, matrix)
    sizes = graph.integers(size, size, size)
    queries, keys, values = graph.add("Split", [projected, sizes], n_outputs=3, axis=-1)
    heard = graph.contrib(
        "MultiHeadAttention",
        queries,
        keys,
        values,
        graph.constant(f"{name}.bias", bias),
        "mask",
        num_heads=size // HEAD_SIZE,
    )
    product = _add_product(graph, f"{name}.output", heard, weights[f"{name}.output.dense.weight"])
    return _add_sum_and_norm(graph, weights, f"{name}.output", product, states)


def _add_feed_forward(
    graph: GraphWriter, weights: Mapping[str, Floats], name: str, states: str
) -> str:
    inner = f"{name}.intermediate.dense"
    product = _add_product(graph, inner, states, weights[f"{inner}.weight"])
    bias = graph.constant(f"{inner}.bias", weights[f"{inner}.bias"])
    hidden = graph.contrib("BiasGelu", product, bias)
    outer = _add_product(graph, f"{name}.output", hidden, weights[f"{name}.output.dense.weight"])
    return _add_sum_and_norm(graph, weights, f"{name}.output", outer, states)


def _add_product(graph: GraphWriter, name: str, rows: str, matrix: Floats) -> str:
    """The rows times the matrix, which is (n_out, n_in), each row quantised by its own scale."""
    values, scales = quantise(np.ascontiguousarray(matrix.T), axis=1)
    # Never 0: the rows are normalised, or sums of such.
    largest = graph.op("ReduceMax", graph.op("Abs", rows), graph.integers(-1))
    step = graph.constant("step", np.float32(1 / LARGEST_BYTE))
    middle = graph.constant("middle", np.uint8(128))
    bytewise = graph.op("QuantizeLinear", graph.op("Div", rows, largest), step, middle)
    product = graph.contrib(
        "MatMulIntegerToFloat",
        bytewise,
        graph.constant(f"{name}.values", values),
        step,
        graph.constant(f"{name}.scales", scales),
        middle,
    )
    return graph.op("Mul", product, largest)


def _add_sum_and_norm(
    graph: GraphWriter, weights: Mapping[str, Floats], name: str, product: str, states: str
) -> str:
    return graph.contrib(
        "SkipLayerNormalization",
        product,
        states,
        graph.constant(f"{name}.norm", weights[f"{name}.LayerNorm.weight"]),
        graph.constant(f"{name}.norm_bias", weights[f"{name}.LayerNorm.bias"]),
        graph.constant(f"{name}.bias", weights[f"{name}.dense.bias"]),
        epsilon=NORM_EPSILON,
    )


def _add_norm(graph: GraphWriter, weights: Mapping[str, Floats], name: str, rows: str) -> str:
    scale = graph.constant(name, weights[f"{name}.weight"])
    bias = graph.constant(f"{name}.bias", weights[f"{name}.bias"])
    return graph.op("LayerNormalization", rows, scale, bias, axis=-1, epsilon=NORM_EPSILON)
