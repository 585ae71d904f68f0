from pathlib import Path

import numpy as np
import pytest

from earshot.errors import ModelCorrupt
from earshot.understanding.engines.safetensors import read_floats
from tests.tiny_encoder import save_safetensors


def test_arrays_come_back_as_they_were_saved(tmp_path: Path) -> None:
    arrays = {
        "matrix": np.arange(6, dtype=np.float32).reshape(2, 3),
        "bias": np.array([1.5, -2.5], dtype=np.float32),
    }
    save_safetensors(arrays, tmp_path / "weights")
    found = read_floats(tmp_path / "weights")
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize(
    "content",
    [b"\0" * 8, b"\x04" + b"\0" * 7 + b"[1]]", b"\x02" + b"\0" * 7 + b"[]", b"\xff" * 9],
)
def test_something_else_is_named_a_damaged_model(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "weights").write_bytes(content)
    with pytest.raises(ModelCorrupt, match="is not a file of safetensors"):
        read_floats(tmp_path / "weights")


def test_a_file_that_breaks_off_is_named_a_damaged_model(tmp_path: Path) -> None:
    save_safetensors({"matrix": np.ones((4, 4), dtype=np.float32)}, tmp_path / "weights")
    content = (tmp_path / "weights").read_bytes()
    (tmp_path / "weights").write_bytes(content[:-4])
    with pytest.raises(ModelCorrupt):
        read_floats(tmp_path / "weights")
