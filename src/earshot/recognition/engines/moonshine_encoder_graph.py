"""Moonshine's encoder, rebuilt: one segment's samples to what the decoder attends to.

The weights are the published ones. Convolutions are products over rows of time; the keys and values
of the decoder's cross-attention, which do not change from token to token, come with the states.
"""

from pathlib import Path

import numpy as np
from onnx import TensorProto

from earshot.audio.engines.onnx_graphs import GraphWriter
from earshot.recognition.engines.moonshine_convolution import TO_THE_END, add_convolution_in_pairs
from earshot.recognition.engines.moonshine_weights import (
    HEAD_SIZE,
    MODEL_SIZE,
    N_HEADS,
    N_LAYERS,
    ROTARY_SIZE,
    Floats,
    Weights,
    add_layer_norm,
    add_product,
    halves_of_heads,
    join,
)

HOP_SAMPLES = 64  # the first convolution's stride
FRAME_SAMPLES = 384  # one state: strides 64, 3 and 2
EDGE_SAMPLES = 512  # what the three convolutions need beside the states' own samples
OVERLAP_SAMPLES = 320  # what the second convolution's results for a frame need beside its own
EDGE_ROWS = EDGE_SAMPLES // HOP_SAMPLES - 1  # of the first convolution, beside six to a frame
CONVOLVED_SIZE = 4 * MODEL_SIZE  # two results of the second convolution to a frame
CROSS_ATTENTION = "cross_attention"
CONVOLVED, SUMS = "convolved", "sums"
KNOWN_CONVOLVED, KNOWN_SUMS = "known_convolved", "known_sums"


def save_encoder_graph(encoder: Weights, decoder: Weights, path: Path) -> None:
    """Write the graph from samples to the decoder's keys and values.

    What the first convolutions made of a segment's beginning may be given instead of its samples.
    Inputs: `samples` of the rest, (n_frames * FRAME_SAMPLES + EDGE_SAMPLES,), and of the frames
    before, none or more, what the last run over them gave out as CONVOLVED and SUMS. Outputs:
    CROSS_ATTENTION, for each layer keys and values, (N_LAYERS, 2, N_HEADS, n_frames, HEAD_SIZE);
    CONVOLVED, a row for each frame, (n_frames, CONVOLVED_SIZE); and SUMS, (2,), over all that was
    convolved for them, of the values and of their squares.
    """
    graph = GraphWriter("encoder")
    states = _add_convolutions(graph, encoder)
    angles = encoder.rotation_angles()
    rotation = [graph.constant("first_position", np.zeros(1, dtype=np.int64))]
    rotation.append(graph.constant("cosines", np.cos(angles)))
    rotation.append(graph.constant("sines", np.sin(angles)))
    for layer in range(N_LAYERS):
        states = _add_layer(graph, encoder, layer, states, rotation)
    states = add_layer_norm(graph, "last", states, encoder.floats("layer_norm.weight"))
    _add_cross_attention(graph, decoder, states)
    graph.save(
        path,
        {
            "samples": (np.float32, ("n_samples",)),
            KNOWN_CONVOLVED: (np.float32, ("n_known", CONVOLVED_SIZE)),
            KNOWN_SUMS: (np.float32, (2,)),
        },
        {
            CROSS_ATTENTION: (np.float32, (N_LAYERS, 2, N_HEADS, "n_frames", HEAD_SIZE)),
            CONVOLVED: (np.float32, ("n_frames", CONVOLVED_SIZE)),
            SUMS: (np.float32, (2,)),
        },
    )


def _add_convolutions(graph: GraphWriter, weights: Weights) -> str:
    """The first states, (1, n_frames, MODEL_SIZE); time runs down the rows throughout."""
    hops = graph.op("Reshape", "samples", graph.integers(-1, HOP_SAMPLES))
    windows = [graph.slice(hops, 0, -1, axis=0), graph.slice(hops, 1, TO_THE_END, axis=0)]
    kernel = weights.floats("conv1.weight_add_tensor")[:, 0].T  # (127, 288): a pair of hops less 1
    kernel = np.concatenate([kernel, np.zeros((1, MODEL_SIZE), dtype=np.float32)])
    product = graph.op("MatMul", graph.concat(windows, axis=1), graph.constant("conv1", kernel))
    pairs = graph.contrib(
        "Gelu", _add_second_convolution(graph, weights, graph.op("Tanh", product))
    )
    after = graph.slice(pairs, 1, TO_THE_END, axis=0)
    third = graph.slice(after, 0, 2 * MODEL_SIZE, axis=1)
    taps = graph.concat([graph.slice(pairs, 0, -1, axis=0), third], axis=1)
    kernel = _rows_of_taps(weights.floats("conv3.weight_add_tensor"))
    product = graph.op("MatMul", taps, graph.constant("conv3", kernel))
    bias = graph.constant("conv3.bias", weights.floats("conv3.bias"))
    rows = graph.contrib("Gelu", graph.op("Add", product, bias))
    return graph.op("Unsqueeze", rows, graph.integers(0))


def _add_second_convolution(graph: GraphWriter, weights: Weights, rows: str) -> str:
    """The results two to a row; the costliest product of all.

    It is not in eight bits: its rows hold few large values and many small ones, which would lose
    their digits. That all rows together have mean 0 and variance 1 (a group norm of one group)
    comes after the products, so that these do not depend on what follows: a mean moves all results
    of a channel alike.
    """
    kernel = weights.floats("conv2.weight_add_tensor")  # (576, 288, 7)
    norm_weight = weights.floats("onnx::Mul_2080").ravel()
    norm_bias = weights.floats("onnx::Add_2081").ravel()
    bias = weights.floats("conv2.bias") + np.einsum("oik,i->o", kernel, norm_bias)
    taps = (kernel * norm_weight[None, :, None]).transpose(2, 1, 0)
    nothing = np.zeros(taps.shape[2], dtype=np.float32)
    new = add_convolution_in_pairs(graph, "conv2", rows, taps, nothing)
    pairs = graph.concat([KNOWN_CONVOLVED, new], axis=0)
    graph.rename(graph.slice(pairs, 0, -1, axis=0), CONVOLVED)
    mean, spread = _add_statistics(graph, rows, pairs)
    moved = graph.op("Mul", mean, graph.constant("conv2.moved", np.tile(taps.sum(axis=(0, 1)), 2)))
    centred = graph.op("Div", graph.op("Sub", pairs, moved), spread)
    return graph.op("Add", centred, graph.constant("conv2.bias", np.tile(bias, 2)))


def _add_statistics(graph: GraphWriter, rows: str, pairs: str) -> tuple[str, str]:
    """The mean and the standard deviation of all rows, those before `rows` too."""
    kept = graph.slice(rows, 0, -EDGE_ROWS, axis=0)
    edge = graph.slice(rows, -EDGE_ROWS, TO_THE_END, axis=0)

    def sums(values: str) -> str:
        flat = [graph.op(f"Reduce{of}", values, keepdims=0) for of in ("Sum", "SumSquare")]
        return graph.concat([graph.op("Unsqueeze", s, graph.integers(0)) for s in flat], axis=0)

    known = graph.op("Add", KNOWN_SUMS, sums(kept))
    graph.rename(known, SUMS)
    n_pairs = graph.op("Cast", graph.op("Shape", pairs, end=1), to=TensorProto.FLOAT)
    row_values, edge_values = 6 * MODEL_SIZE, (EDGE_ROWS - 6) * MODEL_SIZE
    # A pair stands for six rows; the last one for the seven of the edge.
    n_values = graph.op(
        "Add",
        graph.op("Mul", n_pairs, graph.constant("values", np.float32(row_values))),
        graph.constant("edge_values", np.float32(edge_values)),
    )
    means = graph.op("Div", graph.op("Add", known, sums(edge)), n_values)
    mean = graph.slice(means, 0, 1, axis=0)
    variance = graph.op("Sub", graph.slice(means, 1, 2, axis=0), graph.op("Mul", mean, mean))
    epsilon = graph.constant("epsilon", np.float32(1e-5))
    return mean, graph.op("Sqrt", graph.op("Add", variance, epsilon))


def _rows_of_taps(kernel: Floats) -> Floats:
    """(n_out, n_in, n_taps) as a matrix (n_taps * n_in, n_out)."""
    return np.ascontiguousarray(kernel.transpose(2, 1, 0).reshape(-1, len(kernel)))


def _add_layer(
    graph: GraphWriter, weights: Weights, layer: int, states: str, rotation: list[str]
) -> str:
    name = f"layers.{layer}"
    query, key, value, output = (
        weights.matrices[f"/{name}/self_attn/{part}_proj/MatMul_output_0"] for part in "qkvo"
    )
    order = halves_of_heads()
    projections = join([query.select(order), key.select(order), value])
    normal = add_layer_norm(
        graph, f"{name}.a", states, weights.floats(f"{name}.input_layernorm.weight")
    )
    projected = add_product(graph, f"{name}.qkv", normal, projections)
    sizes = graph.integers(MODEL_SIZE, MODEL_SIZE, MODEL_SIZE)
    queries, keys, values = graph.add("Split", [projected, sizes], n_outputs=3, axis=-1)
    heads = {"num_heads": N_HEADS}
    rotary = {**heads, "rotary_embedding_dim": ROTARY_SIZE, "interleaved": 0}
    queries = graph.contrib("RotaryEmbedding", queries, *rotation, **rotary)
    keys = graph.contrib("RotaryEmbedding", keys, *rotation, **rotary)
    heard = graph.contrib(
        "MultiHeadAttention", queries, keys, values, num_heads=N_HEADS, scale=HEAD_SIZE**-0.5
    )
    states = graph.op("Add", states, add_product(graph, f"{name}.o", heard, output))
    norm_weight = weights.floats(f"{name}.post_attention_layernorm.weight")
    normal = add_layer_norm(graph, f"{name}.b", states, norm_weight)
    inner = weights.matrices[f"/{name}/mlp/fc1/Add_output_0"]
    outer = weights.matrices[f"/{name}/mlp/fc2/Add_output_0"]
    hidden = graph.contrib("Gelu", add_product(graph, f"{name}.fc1", normal, inner))
    return graph.op("Add", states, add_product(graph, f"{name}.fc2", hidden, outer))


def _add_cross_attention(graph: GraphWriter, decoder: Weights, states: str) -> None:
    """The decoder's keys and values of these states, each layer's as it wants them."""
    projections = [
        decoder.matrices[f"/model/decoder/layers.{layer}/encoder_attn/{part}_proj/MatMul_output_0"]
        for layer in range(N_LAYERS)
        for part in "kv"
    ]
    rows = graph.op("Reshape", states, graph.integers(-1, MODEL_SIZE))
    projected = add_product(graph, "cross", rows, join(projections))
    heads = graph.op("Reshape", projected, graph.integers(-1, 2 * N_LAYERS * N_HEADS, HEAD_SIZE))
    shape = graph.integers(N_LAYERS, 2, N_HEADS, -1, HEAD_SIZE)
    graph.rename(graph.op("Reshape", graph.transpose(heads, 1, 0, 2), shape), CROSS_ATTENTION)
