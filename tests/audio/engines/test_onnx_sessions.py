from pathlib import Path

import numpy as np
import pytest

from earshot.audio.engines.onnx_graphs import GraphWriter
from earshot.audio.engines.onnx_sessions import has_exact_byte_products, open_session


def test_a_graph_of_ours_runs(tmp_path: Path) -> None:
    graph = GraphWriter("doubling")
    graph.rename(graph.op("Add", "number", "number"), "double")
    number = (np.float32, (1,))
    graph.save(tmp_path / "graph.onnx", {"number": number}, {"double": number})
    session = open_session(tmp_path / "graph.onnx")
    assert session.run(None, {"number": np.ones(1, dtype=np.float32)}) == [2]


@pytest.mark.parametrize(
    ("flags", "is_exact"),
    [
        ("fpu avx2 avx512f avx512_vnni", True),
        ("fpu avx2 avx_vnni", True),
        ("fpu avx2 avx512f avx512bw", False),
    ],
)
def test_only_processors_with_dot_products_of_bytes_are_trusted(
    tmp_path: Path, flags: str, is_exact: bool
) -> None:
    cpu_info = tmp_path / "cpuinfo"
    cpu_info.write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    assert has_exact_byte_products(cpu_info) is is_exact


def test_a_system_that_does_not_tell_is_not_trusted(tmp_path: Path) -> None:
    assert not has_exact_byte_products(tmp_path / "none")
