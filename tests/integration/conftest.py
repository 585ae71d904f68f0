"""What the tests of the whole server share: recordings as bytes, and a receiver of webhooks."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples
from tests.processes import write_wav
from tests.receiver import Receiver

# The opening of A Tale of Two Cities, read so many times over: 6.6 minutes, five chunks of work.
READINGS = 9


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory, two_cities: Samples) -> bytes:
    """9 s of read English, as a WAV."""
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    return write_wav(path, two_cities[: 9 * SAMPLE_RATE]).read_bytes()


@pytest.fixture(scope="session")
def reading(tmp_path_factory: pytest.TempPathFactory, two_cities: Samples) -> bytes:
    """All 44 s of it, with every word in `tests.confidential.SPOKEN` that it has."""
    path = tmp_path_factory.mktemp("speech") / "reading.wav"
    return write_wav(path, two_cities).read_bytes()


@pytest.fixture(scope="session")
def long_speech(tmp_path_factory: pytest.TempPathFactory, two_cities: Samples) -> bytes:
    """Some minutes of read English, as a WAV."""
    path = tmp_path_factory.mktemp("speech") / "long.wav"
    return write_wav(path, np.tile(two_cities, READINGS)).read_bytes()


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    """The user's own web server; it serves what lies in `tmp_path / "site"`."""
    site = tmp_path / "site"
    site.mkdir()
    with closing(Receiver(site)) as receiver:
        yield receiver
