"""Recordings as files, and the command line as a process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples
from tests.processes import Installation, write_wav

Install = Callable[..., Installation]


@pytest.fixture
def earshot(install: Install) -> Installation:
    """An installation in which nothing has run yet."""
    return install()


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory, two_cities: Samples) -> Path:
    """6 s of read English."""
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    return write_wav(path, two_cities[: 6 * SAMPLE_RATE])
