import sys
from pathlib import Path

import pytest

from earshot.errors import ModelMissing
from earshot.models.store import ModelStore
from earshot.recognition.catalog import ENGINES, load_recognizer


def test_an_unknown_engine_is_refused_with_the_names_of_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="no engine is named 'oracle'; known: moonshine"):
        load_recognizer("oracle", ModelStore(tmp_path))


def test_every_engine_of_the_catalog_loads(models: ModelStore) -> None:
    for name in ENGINES:
        recognizer = load_recognizer(name, models)
        assert recognizer.name
        assert "en" in recognizer.languages


def test_loading_the_embedded_engine_does_not_import_the_package_its_files_lie_in(
    models: ModelStore,
) -> None:
    load_recognizer("moonshine", models)
    assert "moonshine_voice" not in sys.modules
