from pathlib import Path

import pytest

from earshot.errors import ModelCorrupt
from earshot.models.manifest import MANIFEST_NAME, Manifest, read_manifest
from earshot.models.sources import ModelFile

MANIFEST = Manifest("hub org/tiny at c0", (ModelFile("model.bin", "ab" * 32, 5),))


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / MANIFEST_NAME).write_text(MANIFEST.to_json(), encoding="utf-8")
    assert read_manifest(tmp_path) == MANIFEST


def test_where_there_is_none_there_is_none(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"origin": "x", "files": []}',
        '{"origin": "x", "files": [{"name": "a"}]}',
        MANIFEST.to_json().replace("model.bin", "../../model.bin"),
        MANIFEST.to_json()[:-20],
    ],
)
def test_one_that_is_damaged_or_points_elsewhere_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST_NAME).write_text(text, encoding="utf-8")
    with pytest.raises(ModelCorrupt, match="is damaged"):
        read_manifest(tmp_path)
