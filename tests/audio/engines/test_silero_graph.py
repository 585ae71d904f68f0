from pathlib import Path

import numpy as np
import onnxruntime as ort

from earshot.audio.engines.silero_graph import (
    FRAME_HOPS,
    HOP_SAMPLES,
    STATE_SIZE,
    save_sequence_graph,
)
from earshot.models.store import ModelStore


def test_the_state_goes_on_where_the_last_run_ended(models: ModelStore, tmp_path: Path) -> None:
    graph = tmp_path / "sequence.onnx"
    save_sequence_graph(models.files("silero")["silero_vad.ort"], graph)
    session = ort.InferenceSession(graph)
    hops = np.random.default_rng(3).normal(0, 0.1, (9, FRAME_HOPS, HOP_SAMPLES)).astype(np.float32)
    start = np.zeros((1, 1, STATE_SIZE), dtype=np.float32)
    whole, _, _ = session.run(None, {"hops": hops, "hidden": start, "cell": start})
    first, hidden, cell = session.run(None, {"hops": hops[:4], "hidden": start, "cell": start})
    second, _, _ = session.run(None, {"hops": hops[4:], "hidden": hidden, "cell": cell})
    assert np.allclose(np.concatenate([first, second]), whole, atol=1e-6)
