import re

import pytest

from earshot.models.catalog import CATALOG, MOONSHINE_WHEEL, WHISPER_LANGUAGES, ModelSpec
from tests.tiny_models import WHISPER_LANGUAGES as LANGUAGES_OF_TOKENS

KNOWN = [spec for spec in CATALOG if spec.layout is None]
WHOLE = [spec for spec in CATALOG if spec.layout is not None]
of_known_files = pytest.mark.parametrize("spec", KNOWN, ids=lambda spec: spec.name)
loaded_as_a_whole = pytest.mark.parametrize("spec", WHOLE, ids=lambda spec: spec.name)


def test_no_two_models_share_a_name() -> None:
    names = [spec.name for spec in CATALOG]
    assert len(set(names)) == len(names)


def test_what_transcribes_english_is_required() -> None:
    assert {spec.name for spec in CATALOG if spec.is_required} == {"moonshine", "silero"}


@of_known_files
def test_every_file_has_a_checksum_and_every_model_a_source_and_a_licence(spec: ModelSpec) -> None:
    assert spec.files
    assert spec.sources
    assert spec.licence
    assert spec.purpose
    assert all(re.fullmatch("[0-9a-f]{64}", file.sha256) for file in spec.files)


@of_known_files
def test_every_file_lies_in_the_wheel_that_the_install_brings(spec: ModelSpec) -> None:
    if MOONSHINE_WHEEL not in spec.sources:
        pytest.skip("the install does not bring it")
    for file in spec.files:
        found = [source.find_present(file) for source in spec.sources]
        assert any(content is not None and len(content) == file.n_bytes for content in found)


@loaded_as_a_whole
def test_a_model_whose_files_are_not_known_has_a_repository_and_an_engine(spec: ModelSpec) -> None:
    assert not spec.files
    assert not spec.sources
    assert spec.repository is not None
    assert spec.engine is not None
    assert spec.engine.languages
    assert spec.engine.speech_model == spec.name
    assert spec.licence
    assert not spec.is_required


def test_whisper_knows_the_languages_that_it_has_tokens_of() -> None:
    assert frozenset(LANGUAGES_OF_TOKENS) == WHISPER_LANGUAGES
    assert len(LANGUAGES_OF_TOKENS) == len(WHISPER_LANGUAGES) == 99
