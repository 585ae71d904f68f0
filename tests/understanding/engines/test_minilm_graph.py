from pathlib import Path

import numpy as np
import pytest

from earshot.audio.engines.onnx_sessions import open_session
from earshot.understanding.engines.minilm_graph import quantise
from tests.tiny_encoder import N_LAYERS, SIZE, VOCABULARY, Floats, make_weights, reference_states


def run(graph: Path, rows: list[list[int]], wanted: str = "states") -> Floats:
    shape = (len(rows), max(map(len, rows)))
    tokens, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int32)
    for index, row in enumerate(rows):
        tokens[index, : len(row)] = row
        mask[index, : len(row)] = 1
    found: Floats = open_session(graph).run([wanted], {"tokens": tokens, "mask": mask})[0]
    return found


@pytest.mark.parametrize(
    ("output", "n_layers"), [("states", N_LAYERS), ("middle_states", N_LAYERS // 2)]
)
def test_the_graph_calculates_what_the_weights_say(graph: Path, output: str, n_layers: int) -> None:
    tokens = list(np.random.default_rng(1).integers(0, len(VOCABULARY), 30))
    (found,) = run(graph, [tokens], output)
    wanted = reference_states(make_weights(), tokens, n_layers)
    assert found.shape == (30, SIZE)
    lengths = np.linalg.norm(found, axis=1) * np.linalg.norm(wanted, axis=1)
    assert ((found * wanted).sum(axis=1) / lengths).min() > 0.999


def test_a_row_does_not_depend_on_those_beside_it_nor_on_filler(graph: Path) -> None:
    row, longer = [2, 4, 5, 6, 3], [2, *range(4, 40), 3]
    (alone,) = run(graph, [row])
    together = run(graph, [longer, row])
    np.testing.assert_allclose(together[1][: len(row)], alone, atol=1e-5)


def test_a_matrix_in_bytes_is_off_by_half_a_step_at_most() -> None:
    matrix = np.random.default_rng(2).normal(0, 1, (5, 7)).astype(np.float32)
    matrix[:, 3] = 0
    values, scales = quantise(matrix, axis=1)
    assert scales.shape == (7,)
    assert (np.abs(values * scales - matrix) <= scales / 2 + 1e-7).all()
    values, scales = quantise(matrix, axis=0)
    assert scales.shape == (5,)
    assert (np.abs(values * scales[:, None] - matrix) <= scales[:, None] / 2 + 1e-7).all()
