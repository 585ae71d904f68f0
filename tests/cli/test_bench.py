import json
import shutil
from pathlib import Path

import pytest

from tests.processes import Installation

pytestmark = pytest.mark.slow
SAID = "It was the best of times, it was the worst of times, it was the age of"


@pytest.fixture
def folder(tmp_path: Path, speech: Path) -> Path:
    """One recording with its words, one without, and one that is none."""
    data = tmp_path / "calls"
    data.mkdir()
    shutil.copy(speech, data / "labelled.wav")
    (data / "labelled.txt").write_text(SAID)
    shutil.copy(speech, data / "bare.wav")
    (data / "broken.mp3").write_text("no audio")
    return data


def test_a_folder_of_recordings_becomes_a_page_and_figures(
    earshot: Installation, folder: Path, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    done = earshot.run("bench", "--data", str(folder), "--output", str(page))
    assert done.returncode == 0, done.stderr
    assert "moonshine-tiny-en" in done.stdout
    assert "does not appear to contain audio" in page.read_text()
    (figures,) = json.loads(page.with_suffix(".json").read_text())["engines"]
    assert figures["engine"] == "moonshine-tiny-en"
    assert (figures["n_recordings"], figures["n_refused"]) == (3, 1)
    assert figures["words"]["percent"] < 50
    assert figures["realtime_factor"] > 1
    assert figures["peak_memory_mb"] > 50


def test_an_engine_that_is_not_here_is_refused_by_name(earshot: Installation, folder: Path) -> None:
    done = earshot.run("bench", "--data", str(folder), "--engine", "whisper-large-v3")
    assert done.returncode == 4
    assert "no engine 'whisper-large-v3'" in done.stderr


def test_a_folder_without_recordings_is_refused(earshot: Installation, tmp_path: Path) -> None:
    done = earshot.run("bench", "--data", str(tmp_path))
    assert done.returncode == 3
    assert "holds no recordings" in done.stderr
