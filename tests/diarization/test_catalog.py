from pathlib import Path

import pytest

from earshot.diarization.catalog import load_diarizer
from earshot.diarization.diarizer import Diarizer
from earshot.errors import ModelCorrupt
from earshot.models.store import ModelStore


def test_the_embedded_diarizer_says_which_model_it_is(embedded_diarizer: Diarizer) -> None:
    assert embedded_diarizer.name == "pyannote-community-1"


def test_a_damaged_model_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "pyannote").mkdir()
    (tmp_path / "pyannote" / "segmentation.ort").write_bytes(b"damaged")
    with pytest.raises(ModelCorrupt, match="segmentation"):
        load_diarizer(ModelStore(tmp_path))
