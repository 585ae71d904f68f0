from pathlib import Path

import pytest

from earshot.models.store import ModelStore
from earshot.recognition.engines.moonshine_sessions import (
    has_exact_byte_products,
    open_decoder,
    open_encoder,
)


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
