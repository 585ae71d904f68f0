import re

import pytest

from earshot.models.catalog import CATALOG, ModelSpec

by_name = pytest.mark.parametrize("spec", CATALOG, ids=lambda spec: spec.name)


def test_no_two_models_share_a_name() -> None:
    names = [spec.name for spec in CATALOG]
    assert len(set(names)) == len(names)


def test_what_transcribes_english_is_required() -> None:
    assert {spec.name for spec in CATALOG if spec.is_required} == {"moonshine", "silero"}


@by_name
def test_every_file_has_a_checksum_and_every_model_a_source_and_a_licence(spec: ModelSpec) -> None:
    assert spec.files
    assert spec.sources
    assert spec.licence
    assert spec.purpose
    assert all(re.fullmatch("[0-9a-f]{64}", file.sha256) for file in spec.files)


@by_name
def test_every_file_lies_in_the_wheel_that_the_install_brings(spec: ModelSpec) -> None:
    for file in spec.files:
        found = [source.find_present(file) for source in spec.sources]
        assert any(content is not None and len(content) == file.n_bytes for content in found)
