from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from earshot.audio.engines.onnx_graphs import GraphWriter
from earshot.recognition.engines.moonshine_convolution import add_convolution_in_pairs
from earshot.recognition.engines.moonshine_weights import Floats

WIDTH, STRIDE = 7, 3
N_IN, N_OUT = 5, 3


def convolve(rows: Floats, taps: Floats, bias: Floats) -> Floats:
    """As the definition has it, in 64 bits."""
    wide = taps.astype(np.float64)
    starts = range(0, len(rows) - WIDTH + 1, STRIDE)
    results = [np.einsum("ki,kio->o", rows[start : start + WIDTH], wide) for start in starts]
    return (np.array(results) + bias).astype(np.float32)


@pytest.mark.parametrize("n_frames", [1, 2, 3, 50])
def test_results_are_those_of_the_plain_convolution(tmp_path: Path, n_frames: int) -> None:
    rng = np.random.default_rng(n_frames)
    rows = rng.normal(size=(6 * n_frames + 7, N_IN)).astype(np.float32)
    taps = rng.normal(size=(WIDTH, N_IN, N_OUT)).astype(np.float32)
    bias = rng.normal(size=N_OUT).astype(np.float32)
    graph = GraphWriter("convolution")
    graph.rename(add_convolution_in_pairs(graph, "conv", "rows", taps, bias), "pairs")
    graph.save(
        tmp_path / "graph.onnx",
        {"rows": (np.float32, ("n_rows", N_IN))},
        {"pairs": (np.float32, ("n_pairs", 2 * N_OUT))},
    )
    (pairs,) = ort.InferenceSession(tmp_path / "graph.onnx").run(None, {"rows": rows})
    assert pairs.shape == (n_frames + 1, 2 * N_OUT)
    wanted = convolve(rows, taps, bias)
    assert len(wanted) == 2 * n_frames + 1
    assert np.abs(pairs.reshape(-1, N_OUT)[:-1] - wanted).max() < 1e-5
