from earshot.models.store import ModelStore
from earshot.recognition.engines.moonshine_sessions import open_decoder, open_encoder


def test_the_graphs_are_derived_once(models: ModelStore) -> None:
    open_encoder(models, "moonshine")
    open_decoder(models, "moonshine")
    folder = models.path("moonshine") / "derived"
    # Processes of other tests that were killed while they derived one left pieces beside them.
    made_at = {graph: graph.stat().st_mtime_ns for graph in folder.glob("*.onnx")}
    assert len(made_at) == 2
    open_encoder(models, "moonshine")
    open_decoder(models, "moonshine")
    assert {graph: graph.stat().st_mtime_ns for graph in folder.glob("*.onnx")} == made_at
