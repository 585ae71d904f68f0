from pathlib import Path

from earshot.models.store import ModelStore
from earshot.understanding.catalog import find_encoder


def test_without_the_model_there_is_no_encoder(tmp_path: Path) -> None:
    assert find_encoder(ModelStore(tmp_path)) is None


def test_where_the_model_is_there_is_one_that_nothing_has_loaded(tmp_path: Path) -> None:
    (tmp_path / "minilm").mkdir()
    for name in ("model.safetensors", "vocab.txt"):
        (tmp_path / "minilm" / name).write_bytes(b"not looked at yet")
    assert find_encoder(ModelStore(tmp_path)) is not None
