from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from earshot.audio.engines.onnx_graphs import (
    GraphWriter,
    branches,
    constants,
    read_ort_model,
)
from earshot.models.store import ModelStore


def test_a_written_graph_computes_what_its_nodes_say(tmp_path: Path) -> None:
    graph = GraphWriter("sum")
    doubled = graph.op("Add", "rows", "rows")
    columns = graph.slice(doubled, 1, 3, axis=1)
    both = graph.concat([columns, graph.constant("one", np.ones((2, 1), np.float32))], axis=1)
    graph.rename(both, "result")
    path = tmp_path / "sum.onnx"
    graph.save(path, {"rows": (np.float32, (2, "n"))}, {"result": (np.float32, (2, 3))})
    rows = np.arange(8, dtype=np.float32).reshape(2, 4)
    (result,) = ort.InferenceSession(path).run(None, {"rows": rows})
    assert result.tolist() == [[2, 4, 1], [10, 12, 1]]


def test_a_value_that_no_node_makes_is_an_error_when_the_graph_is_loaded(tmp_path: Path) -> None:
    graph = GraphWriter("broken")
    graph.rename(graph.op("Neg", "nothing"), "result")
    path = tmp_path / "broken.onnx"
    graph.save(path, {}, {"result": (np.float32, (1,))})
    with pytest.raises(Exception, match="nothing"):
        ort.InferenceSession(path)


def test_the_weights_of_a_model_in_ort_format_are_read_by_name(models: ModelStore) -> None:
    model = read_ort_model(models.files("silero")["silero_vad.ort"])
    held = constants(branches(model)["then_branch"])
    (weight,) = [held[name] for name in held if name.endswith("decoder.rnn.weight_hh")]
    assert weight.shape == (512, 128)
