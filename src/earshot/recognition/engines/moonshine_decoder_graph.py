"""Moonshine's decoder, rebuilt: one graph for every step, with caches that are written in place.

The weights are the published ones. Its published form has two branches, one for the first token,
and copies every cache at every step.
"""

from pathlib import Path

import numpy as np

from earshot.audio.engines.onnx_graphs import GraphWriter, Shaped
from earshot.recognition.engines.moonshine_weights import (
    HEAD_SIZE,
    MODEL_SIZE,
    N_HEADS,
    N_LAYERS,
    QuantisedMatrix,
    Weights,
    add_layer_norm,
    add_product_by_row,
    halves_of_heads,
    join,
)

N_TOKENS = 32_768
CACHE_SIZE = 48  # a head in the cache: onnxruntime's attention wants a multiple of 16
# The upper half: its heads follow the audio. With all six, or with the median filter of Whisper's
# reference, word times on meetings come out no better, and decoding slower.
ATTENTION_LAYERS = (3, 4, 5)
ATTENTION_OUTPUTS = [f"attention.{layer}" for layer in ATTENTION_LAYERS]
CROSS_KEYS = [f"cross_key.{layer}" for layer in range(N_LAYERS)]
CROSS_VALUES = [f"cross_value.{layer}" for layer in range(N_LAYERS)]
CACHES = [f"{part}.{layer}" for layer in range(N_LAYERS) for part in ("key", "value")]
_EMBEDDING = "model.decoder.embed_tokens.weight_merged_0"


def save_decoder_graph(weights: Weights, path: Path) -> None:
    """Write the graph from `tokens` (n_rows, n_steps) to `logits` (n_rows, n_steps, N_TOKENS).

    Inputs: CROSS_KEYS and CROSS_VALUES, (n_rows, N_HEADS, n_frames, HEAD_SIZE); `mask`, added to
    their scores, (n_rows, 1, 1, n_frames); for each of CACHES `past.<it>`, (n_rows, N_HEADS,
    capacity, CACHE_SIZE); `last_positions` (n_rows,), the place of each row's last token;
    `n_positions`, one more than the largest of them. Outputs: ATTENTION_OUTPUTS (n_rows, N_HEADS,
    n_steps, n_frames), and `present.<cache>`, to be bound to the same memory as the past.
    """
    graph = GraphWriter("decoder")
    states = _add_embedding(graph, weights)
    angles = weights.rotation_angles()
    rotation = [graph.constant("cosines", np.cos(angles)), graph.constant("sines", np.sin(angles))]
    for layer in range(N_LAYERS):
        states = _add_self_attention(graph, weights, layer, states, rotation)
        states = _add_cross_attention(graph, weights, layer, states)
        states = _add_feed_forward(graph, weights, layer, states)
    states = add_layer_norm(
        graph, "last", states, weights.floats("model.decoder.norm.weight_merged_0")
    )
    graph.rename(add_product_by_row(graph, "logits", states, weights.matrices["logits"]), "logits")
    graph.save(path, _inputs(), _outputs())


def _inputs() -> dict[str, Shaped]:
    cross: Shaped = (np.float32, ("n_rows", N_HEADS, "n_frames", HEAD_SIZE))
    cache: Shaped = (np.float32, ("n_rows", N_HEADS, "capacity", CACHE_SIZE))
    return {
        "tokens": (np.int64, ("n_rows", "n_steps")),
        "mask": (np.float32, ("n_rows", 1, 1, "n_frames")),
        "last_positions": (np.int32, ("n_rows",)),
        "n_positions": (np.int32, ()),
        **dict.fromkeys([*CROSS_KEYS, *CROSS_VALUES], cross),
        **{f"past.{name}": cache for name in CACHES},
    }


def _outputs() -> dict[str, Shaped]:
    attention: Shaped = (np.float32, ("n_rows", N_HEADS, "n_steps", "n_frames"))
    cache: Shaped = (np.float32, ("n_rows", N_HEADS, "capacity", CACHE_SIZE))
    return {
        "logits": (np.float32, ("n_rows", "n_steps", N_TOKENS)),
        **dict.fromkeys(ATTENTION_OUTPUTS, attention),
        **{f"present.{name}": cache for name in CACHES},
    }


def _add_embedding(graph: GraphWriter, weights: Weights) -> str:
    table = graph.constant("embedding", weights.arrays[f"{_EMBEDDING}_quantized"])
    scale = graph.constant("embedding.scale", weights.arrays[f"{_EMBEDDING}_scale"].reshape(()))
    zero = graph.constant("embedding.zero", weights.arrays[f"{_EMBEDDING}_zero_point"].reshape(()))
    return graph.op("DequantizeLinear", graph.op("Gather", table, "tokens", axis=0), scale, zero)


def _matrix(weights: Weights, layer: int, part: str) -> QuantisedMatrix:
    return weights.matrices[f"/model/decoder/layers.{layer}/{part}/MatMul_output_0"]


def _add_norm(graph: GraphWriter, weights: Weights, layer: int, part: str, states: str) -> str:
    name = f"layers.{layer}.{part}"
    return add_layer_norm(
        graph, name, states, weights.floats(f"model.decoder.{name}.weight_merged_0")
    )


def _add_self_attention(
    graph: GraphWriter, weights: Weights, layer: int, states: str, rotation: list[str]
) -> str:
    order = halves_of_heads()
    query, key, value, output = (
        _matrix(weights, layer, f"self_attn/{part}_proj") for part in "qkvo"
    )
    parts = [
        part.widen_heads(CACHE_SIZE) for part in (query.select(order), key.select(order), value)
    ]
    normal = _add_norm(graph, weights, layer, "input_layernorm", states)
    projected = add_product_by_row(graph, f"self.{layer}", normal, join(parts))
    caches = [f"key.{layer}", f"value.{layer}"]
    pasts = [f"past.{name}" for name in caches]
    inputs = [projected, "", "", *pasts, "last_positions", "n_positions", *rotation]
    heard, *presents = graph.add_contrib(
        "GroupQueryAttention",
        inputs,
        n_outputs=3,
        num_heads=N_HEADS,
        kv_num_heads=N_HEADS,
        scale=HEAD_SIZE**-0.5,
        do_rotary=1,
        rotary_interleaved=0,
    )
    for name, present in zip(caches, presents, strict=True):
        graph.rename(present, f"present.{name}")
    heard = add_product_by_row(
        graph, f"self_output.{layer}", heard, output.widen_inputs(CACHE_SIZE)
    )
    return graph.op("Add", states, heard)


def _add_cross_attention(graph: GraphWriter, weights: Weights, layer: int, states: str) -> str:
    normal = _add_norm(graph, weights, layer, "post_attention_layernorm", states)
    query = _matrix(weights, layer, "encoder_attn/q_proj").scale(HEAD_SIZE**-0.5)
    rows = add_product_by_row(graph, f"cross.{layer}", normal, query)
    heads = graph.op("Reshape", rows, graph.integers(0, 0, N_HEADS, HEAD_SIZE))
    # onnxruntime multiplies one row by keys that lie frame by frame in half the time.
    scores = graph.contrib(
        "FusedMatMul", graph.transpose(heads, 0, 2, 1, 3), CROSS_KEYS[layer], transB=1
    )
    attention = graph.op("Softmax", graph.op("Add", scores, "mask"), axis=-1)
    if layer in ATTENTION_LAYERS:
        graph.rename(attention, f"attention.{layer}")
    heads = graph.transpose(graph.op("MatMul", attention, CROSS_VALUES[layer]), 0, 2, 1, 3)
    heard = graph.op("Reshape", heads, graph.integers(0, 0, MODEL_SIZE))
    output = _matrix(weights, layer, "encoder_attn/o_proj")
    return graph.op(
        "Add", states, add_product_by_row(graph, f"cross_output.{layer}", heard, output)
    )


def _add_feed_forward(graph: GraphWriter, weights: Weights, layer: int, states: str) -> str:
    prefix = f"/model/decoder/layers.{layer}/mlp"
    inner = weights.matrices[f"{prefix}/fc1/Add_output_0"]
    outer = weights.matrices[f"{prefix}/fc2/Add_output_0"]
    normal = _add_norm(graph, weights, layer, "final_layernorm", states)
    both = add_product_by_row(graph, f"inner.{layer}", normal, inner)
    hidden, gate = graph.add("Split", [both], n_outputs=2, axis=-1, num_outputs=2)
    gated = graph.op("Mul", hidden, graph.contrib("QuickGelu", gate, alpha=1.0))
    return graph.op("Add", states, add_product_by_row(graph, f"outer.{layer}", gated, outer))
