"""A hub with a tiny model, and what is needed to pull it."""

from collections.abc import Iterator

import pytest

from tests.fake_hub import LARGE_BYTES, FakeHub

CONTENT = {
    "config.json": b"{}",
    "model.bin": b"w" * (3 * LARGE_BYTES),
    "tokenizer.json": b'{"model": {}}',
    "vocabulary.json": b"[]",
    "README.md": b"# Tiny",
}


@pytest.fixture
def content() -> dict[str, bytes]:
    """The files of the tiny model's repository."""
    return dict(CONTENT)


@pytest.fixture
def hub(content: dict[str, bytes]) -> Iterator[FakeHub]:
    served = FakeHub(content)
    yield served
    served.close()
