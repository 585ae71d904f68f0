"""An encoder with few weights, in files as the real one's."""

from pathlib import Path

import pytest

from earshot.understanding.engines.minilm import MiniLm
from earshot.understanding.engines.minilm_graph import save_encoder_graph
from tests.tiny_encoder import make_weights, save_vocabulary


@pytest.fixture(scope="session")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("encoder") / "vocab.txt"
    save_vocabulary(path)
    return path


@pytest.fixture(scope="session")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("encoder") / "graph.onnx"
    save_encoder_graph(make_weights(), path)
    return path


@pytest.fixture(scope="session")
def tiny_reader(graph: Path, vocabulary: Path) -> MiniLm:
    return MiniLm(graph, vocabulary)
