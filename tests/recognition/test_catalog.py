import sys
from pathlib import Path

import numpy as np
import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples, Waveform
from earshot.errors import ExtraMissing, ModelCorrupt, ModelMissing
from earshot.models.catalog import CATALOG
from earshot.models.own import read_own_model
from earshot.models.store import ModelStore
from earshot.recognition import catalog
from earshot.recognition.catalog import FAMILIES, Family, installed_engines, load_recognizer
from earshot.recognition.loading import ComputeOptions
from tests.recognition.conftest import TINY
from tests.tiny_models import make_tiny_parakeet

NOT_INSTALLED = Family("nowhere:Engine", package="no-such-package", extra="whisper")


def test_an_unknown_engine_is_refused_with_the_names_of_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(
        ModelMissing, match="no engine is named 'oracle'; known: moonshine, whisper"
    ):
        load_recognizer("oracle", ModelStore(tmp_path))


def test_every_family_of_the_catalog_has_an_engine(
    models: ModelStore, tiny_store: ModelStore
) -> None:
    engines = [load_recognizer("moonshine", models)]
    engines += [load_recognizer(name, tiny_store) for name in TINY]
    assert [engine.name for engine in engines] == ["moonshine-tiny-en", *TINY]
    assert all("en" in engine.languages for engine in engines)
    used = {spec.engine.family for spec in CATALOG if spec.engine is not None}
    assert used == FAMILIES.keys()


def test_loading_the_embedded_engine_does_not_import_the_package_its_files_lie_in(
    models: ModelStore,
) -> None:
    load_recognizer("moonshine", models)
    assert "moonshine_voice" not in sys.modules


def test_a_model_that_is_not_there_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="Run: earshot models pull whisper-small"):
        load_recognizer("whisper-small", ModelStore(tmp_path))


def test_a_model_that_changed_since_it_came_is_not_loaded(
    tmp_path: Path, tiny_store: ModelStore
) -> None:
    store = ModelStore(tmp_path)
    store.pull_whole("whisper-tiny", tiny_store.path("whisper-tiny"), lambda _line: None)
    weights = store.path("whisper-tiny") / "model.bin"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(ModelCorrupt, match="pull it again"):
        load_recognizer("whisper-tiny", store)


def test_a_model_whose_engine_is_not_installed_says_how_to_install_it(
    tiny_store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(catalog.FAMILIES, "whisper", NOT_INSTALLED)
    with pytest.raises(ExtraMissing, match=r"pip install -e '\.\[whisper\]'"):
        load_recognizer("whisper-tiny", tiny_store)


def test_a_model_of_ones_own_is_loaded_from_where_it_lies(tmp_path: Path) -> None:
    folder = make_tiny_parakeet(tmp_path / "mine", kind="ctc")
    store = ModelStore(tmp_path / "store", (read_own_model(f"mine=parakeet-ctc:sv:{folder}"),))
    engine = load_recognizer("mine", store)
    assert (engine.name, engine.languages) == ("mine", frozenset({"sv"}))
    (offer,) = [offer for offer in installed_engines(store) if offer.name == "mine"]
    assert offer.rank > max(spec.engine.rank for spec in CATALOG if spec.engine)


class TestInstalledEngines:
    def test_they_are_those_whose_model_is_here(
        self, models: ModelStore, tiny_store: ModelStore
    ) -> None:
        assert [offer.name for offer in installed_engines(models)] == ["moonshine-tiny-en"]
        offers = {offer.name: offer for offer in installed_engines(tiny_store)}
        assert offers.keys() == {"moonshine-tiny-en", *TINY}
        whisper = offers["whisper-tiny"]
        assert (whisper.detects_languages, whisper.is_embedded) == (True, False)
        assert (
            whisper.n_bytes > tiny_store.path("whisper-tiny").joinpath("model.bin").stat().st_size
        )
        assert offers["moonshine-tiny-en"].is_embedded

    def test_one_without_its_package_is_not_among_them(
        self, tiny_store: ModelStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(catalog.FAMILIES, "whisper", NOT_INSTALLED)
        assert "whisper-tiny" not in {offer.name for offer in installed_engines(tiny_store)}


class TestFamilies:
    @pytest.mark.parametrize("name", sorted(FAMILIES))
    def test_each_is_installed_here_and_names_a_class(self, name: str) -> None:
        family = FAMILIES[name]
        assert family.is_installed
        assert hasattr(family.load_module(), family.implementation.partition(":")[2])

    def test_a_package_that_is_not_there_has_no_version(self) -> None:
        assert NOT_INSTALLED.package_version is None
        assert not NOT_INSTALLED.is_installed
        assert FAMILIES["moonshine"].package_version is None
        assert FAMILIES["whisper"].package_version is not None


def test_the_embedded_engine_is_told_where_it_may_hear_twice(
    models: ModelStore, two_cities: Samples
) -> None:
    noise = np.random.default_rng(3).normal(0, 0.015, 8 * SAMPLE_RATE).astype(np.float32)
    doubtful = Waveform(two_cities[16 * SAMPLE_RATE : 24 * SAMPLE_RATE] + noise)
    never, always = (
        load_recognizer("moonshine", models, compute).recognize([doubtful])
        for compute in (
            ComputeOptions(second_hearings="never"),
            ComputeOptions(second_hearings="always"),
        )
    )
    assert never != always
