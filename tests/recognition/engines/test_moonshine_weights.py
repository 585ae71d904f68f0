from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from earshot.audio.engines.onnx_graphs import GraphWriter
from earshot.models.store import ModelStore
from earshot.recognition.engines.moonshine_weights import (
    HEAD_SIZE,
    MODEL_SIZE,
    N_HEADS,
    Floats,
    QuantisedMatrix,
    Weights,
    add_product,
    add_product_by_row,
    halves_of_heads,
    join,
)


def random_matrix(n_in: int, n_out: int, seed: int = 0) -> QuantisedMatrix:
    rng = np.random.default_rng(seed)
    return QuantisedMatrix(
        rng.integers(0, 256, (n_in, n_out)).astype(np.uint8),
        rng.uniform(0.01, 0.02, n_out).astype(np.float32),
        rng.integers(100, 150, n_out).astype(np.uint8),
    )


def real(matrix: QuantisedMatrix) -> Floats:
    """The numbers that the matrix stands for."""
    offsets = matrix.values.astype(np.float32) - matrix.zero_points.astype(np.float32)
    values: Floats = offsets * matrix.scales
    return values


def run_product(
    folder: Path, add: Callable[..., str], matrix: QuantisedMatrix, rows: Floats
) -> Floats:
    graph = GraphWriter("product")
    graph.rename(add(graph, "it", "rows", matrix), "product")
    path = folder / "product.onnx"
    n_in, n_out = matrix.values.shape
    graph.save(path, {"rows": (np.float32, ("n", n_in))}, {"product": (np.float32, ("n", n_out))})
    (product,) = ort.InferenceSession(path).run(None, {"rows": rows})
    return np.asarray(product, dtype=np.float32)


def test_joined_matrices_stand_for_the_same_numbers_side_by_side() -> None:
    one, two = random_matrix(4, 3), random_matrix(4, 5, seed=1)
    assert np.array_equal(real(join([one, two])), np.hstack([real(one), real(two)]))


def test_widened_heads_have_zeros_after_their_own_columns() -> None:
    matrix = random_matrix(7, 2 * HEAD_SIZE)
    wide = real(matrix.widen_heads(48)).reshape(7, 2, 48)
    assert np.array_equal(wide[:, :, :HEAD_SIZE].reshape(7, -1), real(matrix))
    assert not wide[:, :, HEAD_SIZE:].any()


def test_widened_inputs_have_rows_of_zeros_after_their_own() -> None:
    matrix = random_matrix(2 * HEAD_SIZE, 5)
    wide = real(matrix.widen_inputs(48)).reshape(2, 48, 5)
    assert np.array_equal(wide[:, :HEAD_SIZE].reshape(-1, 5), real(matrix))
    assert not wide[:, HEAD_SIZE:].any()


def test_reordering_heads_keeps_every_column_in_its_head() -> None:
    order = halves_of_heads()
    assert sorted(order.tolist()) == list(range(MODEL_SIZE))
    assert np.array_equal(order // HEAD_SIZE, np.repeat(np.arange(N_HEADS), HEAD_SIZE))


@pytest.mark.parametrize("has_bias", [False, True])
@pytest.mark.parametrize("add", [add_product, add_product_by_row])
def test_a_product_in_a_graph_is_that_of_the_real_numbers(
    tmp_path: Path, add: Callable[..., str], has_bias: bool
) -> None:
    rng = np.random.default_rng(5)
    bias = rng.normal(size=32).astype(np.float32)
    matrix = replace(random_matrix(64, 32), bias=bias if has_bias else None)
    rows = rng.normal(size=(2, 64)).astype(np.float32)
    product = run_product(tmp_path, add, matrix, rows)
    wanted = rows @ real(matrix) + (bias if has_bias else 0)
    assert np.abs(product - wanted).max() < 0.02 * np.abs(wanted).max()


def test_a_row_that_is_quantised_by_itself_does_not_depend_on_louder_ones(tmp_path: Path) -> None:
    rows = np.random.default_rng(5).normal(size=(2, 64)).astype(np.float32)
    matrix = random_matrix(64, 32)
    beside_a_loud_row = rows * np.array([[1], [1000]], dtype=np.float32)
    both = run_product(tmp_path, add_product_by_row, matrix, beside_a_loud_row)
    alone = run_product(tmp_path, add_product_by_row, matrix, rows[:1])
    assert np.array_equal(both[0], alone[0])


def test_a_row_of_zeros_has_a_product_of_zeros(tmp_path: Path) -> None:
    rows = np.zeros((1, 64), dtype=np.float32)
    assert not run_product(tmp_path, add_product_by_row, random_matrix(64, 32), rows).any()


def test_the_published_decoder_is_read_with_all_that_the_first_token_needs(
    models: ModelStore,
) -> None:
    weights = Weights.of_decoder(models.files("moonshine")["decoder_model_merged.ort"])
    assert weights.matrices["logits"].values.shape == (MODEL_SIZE, 32_768)
    keys = weights.matrices["/model/decoder/layers.5/encoder_attn/k_proj/MatMul_output_0"]
    assert keys.values.shape == (MODEL_SIZE, MODEL_SIZE)
    angles = weights.rotation_angles()
    assert angles[0].max() == 0.0
    assert angles[1, 0] == pytest.approx(1.0)
