import dataclasses
from pathlib import Path

import pytest

from earshot.recognition.loading import CPU_ONLY, DEFAULT_COMPUTE, EngineModel


def test_an_engine_takes_a_gpu_where_there_is_one_unless_it_is_told_otherwise() -> None:
    assert DEFAULT_COMPUTE.device == "auto"
    assert dataclasses.replace(DEFAULT_COMPUTE, device="cpu") == CPU_ONLY
    assert DEFAULT_COMPUTE.n_threads >= 1


def test_a_model_cannot_be_changed_once_it_is_handed_out() -> None:
    model = EngineModel("tiny", Path("/models/tiny"), frozenset({"en"}))
    with pytest.raises(dataclasses.FrozenInstanceError):
        model.name = "other"  # type: ignore[misc]  # the point of the test
