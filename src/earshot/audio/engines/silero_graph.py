"""Silero's graph rebuilt to hear many frames in one run.

The published graph takes one frame at a time: its steps before the recurrent layer need no state,
so they are done here for all frames at once, as matrix products, and the recurrent layer runs over
the sequence. The weights are the published ones and the probabilities the same.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from earshot.audio.engines.onnx_graphs import GraphWriter, branches, constants, read_ort_model

# Part of the cached file's name: raise it when the graph changes.
GRAPH_VERSION = 1
HOP_SAMPLES = 128  # of the short-time Fourier transform; a window is two hops
FRAME_HOPS = 5  # a frame with its context before and its mirrored end
STATE_SIZE = 128
_PREFIX = "If_0_then_branch__Inline_0__"  # the branch for 16 kHz

Floats = npt.NDArray[np.float32]


def save_sequence_graph(published: Path, path: Path) -> None:
    """Write the graph that takes `hops` (n_frames, FRAME_HOPS, HOP_SAMPLES).

    It also takes and returns the recurrent layer's state, `hidden` and `cell`, (1, 1, STATE_SIZE)
    each, so that frames may come in several runs.
    """
    held = constants(branches(read_ort_model(published))["then_branch"])
    weights = {
        name.removeprefix(_PREFIX): array.astype(np.float32)
        for name, array in held.items()
        if array.dtype == np.float32
    }
    graph = GraphWriter("silero")
    features = _add_convolutions(graph, weights, _add_magnitudes(graph, weights, "hops"))
    _add_recurrent_layer(graph, weights, features)
    state = (np.float32, (1, 1, STATE_SIZE))
    graph.save(
        path,
        {
            "hops": (np.float32, ("n_frames", FRAME_HOPS, HOP_SAMPLES)),
            "hidden": state,
            "cell": state,
        },
        {"probabilities": (np.float32, ("n_frames",)), "next_hidden": state, "next_cell": state},
    )


def _add_magnitudes(graph: GraphWriter, weights: dict[str, Floats], hops: str) -> str:
    """The spectrum of each of a frame's four windows, (n_frames, 4, 129)."""
    before = graph.slice(hops, 0, FRAME_HOPS - 1, axis=1)
    after = graph.slice(hops, 1, FRAME_HOPS, axis=1)
    windows = graph.concat([before, after], axis=2)
    basis = graph.constant("basis", weights["stft.forward_basis_buffer"][:, 0].T)  # (256, 2 * 129)
    spectrum = graph.op("MatMul", windows, basis)
    real, imaginary = graph.add("Split", [spectrum], n_outputs=2, axis=2, num_outputs=2)
    squares = [graph.op("Mul", part, part) for part in (real, imaginary)]
    return graph.op("Sqrt", graph.op("Add", *squares))


def _add_convolutions(graph: GraphWriter, weights: dict[str, Floats], magnitudes: str) -> str:
    """The features of each frame, (n_frames, 1, 128): four convolutions of width 3, each a product.

    Their strides over a frame's 4 windows are 1, 2, 2, 1, so 4, 2, 1, 1 positions remain.
    """
    padded = graph.op("Pad", magnitudes, graph.integers(0, 1, 0, 0, 1, 0))
    taps = graph.concat([graph.slice(padded, n, n + 4, axis=1) for n in range(3)], axis=2)
    first = _add_layer(graph, weights, 0, taps, slice(0, 3))
    padded = graph.op("Pad", first, graph.integers(0, 1, 0, 0, 0, 0))
    taps = graph.concat([graph.slice(padded, n, n + 3, axis=1, step=2) for n in range(3)], axis=2)
    second = _add_layer(graph, weights, 1, taps, slice(0, 3))
    # Of the third layer the first tap, of the fourth all but the middle one meet only padding.
    both = graph.op("Reshape", second, graph.integers(-1, 1, 2 * 64))
    third = _add_layer(graph, weights, 2, both, slice(1, 3))
    return _add_layer(graph, weights, 3, third, slice(1, 2))


def _add_layer(
    graph: GraphWriter, weights: dict[str, Floats], layer: int, taps: str, used: slice
) -> str:
    kernel = weights[f"encoder.{layer}.reparam_conv.weight"][:, :, used]  # (n_out, n_in, n_taps)
    matrix = kernel.transpose(2, 1, 0).reshape(-1, len(kernel))
    product = graph.op("MatMul", taps, graph.constant(f"weight.{layer}", matrix))
    bias = graph.constant(f"bias.{layer}", weights[f"encoder.{layer}.reparam_conv.bias"])
    return graph.op("Relu", graph.op("Add", product, bias))


def _add_recurrent_layer(graph: GraphWriter, weights: dict[str, Floats], features: str) -> None:
    biases = [_gates_in_onnx_order(weights[f"decoder.rnn.bias_{part}"]) for part in ("ih", "hh")]
    every_hidden, hidden, cell = graph.add(
        "LSTM",
        [
            features,
            graph.constant("input", _gates_in_onnx_order(weights["decoder.rnn.weight_ih"])[None]),
            graph.constant("again", _gates_in_onnx_order(weights["decoder.rnn.weight_hh"])[None]),
            graph.constant("gates", np.concatenate(biases)[None]),
            "",
            "hidden",
            "cell",
        ],
        n_outputs=3,
        hidden_size=STATE_SIZE,
    )
    rows = graph.op("Relu", graph.op("Reshape", every_hidden, graph.integers(-1, STATE_SIZE)))
    output = graph.constant("output", weights["decoder.decoder.2.weight"].reshape(STATE_SIZE, 1))
    bias = graph.constant("output_bias", weights["decoder.decoder.2.bias"])
    logits = graph.op("Reshape", graph.op("Gemm", rows, output, bias), graph.integers(-1))
    graph.rename(graph.op("Sigmoid", logits), "probabilities")
    graph.rename(hidden, "next_hidden")
    graph.rename(cell, "next_cell")


def _gates_in_onnx_order(array: Floats) -> Floats:
    """PyTorch has input, forget, cell, output; ONNX has input, output, forget, cell."""
    entering, forget, cell, output = np.split(array, 4)
    return np.concatenate([entering, output, forget, cell])
