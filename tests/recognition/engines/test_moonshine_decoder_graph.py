import numpy as np

from earshot.models.store import ModelStore
from earshot.recognition.engines.moonshine_decoder_graph import (
    ATTENTION_LAYERS,
    ATTENTION_OUTPUTS,
    CACHES,
    N_TOKENS,
)
from earshot.recognition.engines.moonshine_sessions import open_decoder
from earshot.recognition.engines.moonshine_weights import N_HEADS, N_LAYERS


def test_the_graph_gives_scores_attention_of_the_upper_layers_and_every_cache(
    models: ModelStore,
) -> None:
    outputs = {one.name: one.shape for one in open_decoder(models, "moonshine").get_outputs()}
    assert outputs["logits"][-1] == N_TOKENS
    for name in ATTENTION_OUTPUTS:
        assert outputs[name][1] == N_HEADS
    assert {f"present.{name}" for name in CACHES} < set(outputs)
    assert np.all(np.array(ATTENTION_LAYERS) < N_LAYERS)


def test_the_graph_has_no_branches_and_is_the_same_for_every_step(models: ModelStore) -> None:
    session = open_decoder(models, "moonshine")
    inputs = {one.name: one.shape for one in session.get_inputs()}
    assert "use_cache_branch" not in inputs
    assert inputs["tokens"] == ["n_rows", "n_steps"]
