"""Tiny models of every family in a store, made once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from earshot.models.store import ModelStore
from tests.tiny_models import make_tiny_parakeet, make_tiny_whisper

TINY: dict[str, Callable[[Path], Path]] = {
    "whisper-tiny": make_tiny_whisper,
    "parakeet-tdt-0.6b-v3": lambda folder: make_tiny_parakeet(folder, kind="tdt"),
    "parakeet-ctc-0.6b": lambda folder: make_tiny_parakeet(folder, kind="ctc"),
    "canary-1b-v2": lambda folder: make_tiny_parakeet(folder, kind="aed"),
}


@pytest.fixture(scope="session")
def tiny_store(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    """A store whose models of these names are tiny ones."""
    store = ModelStore(tmp_path_factory.mktemp("tiny-models"))
    for name, make in TINY.items():
        store.pull_whole(name, make(tmp_path_factory.mktemp(name)), lambda _line: None)
    return store
