from pathlib import Path

import numpy as np
import onnx

from earshot.models.store import ModelStore
from earshot.recognition.engines.moonshine_graphs import (
    ATTENTION_LAYERS,
    ATTENTION_OUTPUTS,
    N_HEADS,
    N_LAYERS,
)
from earshot.recognition.recognizer import Recognizer


def derived_graph(models: ModelStore) -> Path:
    (graph,) = (models.path("moonshine") / "derived").glob("*.onnx")
    return graph


def test_the_decoder_has_its_attention_as_outputs_in_both_branches(
    models: ModelStore, embedded_recognizer: Recognizer
) -> None:
    assert embedded_recognizer.name  # loading it is what derives the graph
    model = onnx.load(derived_graph(models))
    outer = [output.name for output in model.graph.output]
    assert outer[-len(ATTENTION_OUTPUTS) :] == ATTENTION_OUTPUTS
    (branching,) = [node for node in model.graph.node if node.op_type == "If"]
    assert list(branching.output)[-len(ATTENTION_OUTPUTS) :] == ATTENTION_OUTPUTS
    for branch in branching.attribute:
        added = [output.name for output in branch.g.output][-len(ATTENTION_OUTPUTS) :]
        assert all(
            f"layers.{layer}/encoder_attn" in name
            for layer, name in zip(ATTENTION_LAYERS, added, strict=True)
        )


def test_each_attention_is_over_heads_and_only_of_layers_that_there_are(
    models: ModelStore, embedded_recognizer: Recognizer
) -> None:
    assert embedded_recognizer.name
    model = onnx.load(derived_graph(models))
    for output in model.graph.output[-len(ATTENTION_OUTPUTS) :]:
        shape = output.type.tensor_type.shape.dim
        assert len(shape) == 4
        assert shape[1].dim_value == N_HEADS
    assert np.all(np.array(ATTENTION_LAYERS) < N_LAYERS)
