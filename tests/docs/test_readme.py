"""The README's program runs, and the page stays short."""

import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.docs.markdown import DOCS, blocks_of
from tests.processes import PATIENCE_S, Installation

README = DOCS.parent / "README.md"
MAX_LINES = 90  # two screens


@pytest.mark.slow
def test_the_program_of_the_readme_prints_words_and_captions(
    install: Callable[..., Installation], tmp_path: Path
) -> None:
    installation = install()
    server = installation.serve()
    (sample,) = [block.code for block in blocks_of(README) if block.language == "python"]
    recording = distribution("moonshine-voice").locate_file("moonshine_voice/assets/beckett.wav")
    for written, actual in {
        "http://127.0.0.1:8000": server.url,
        '"..."': repr(installation.key),
        "interview.mp3": str(recording),
    }.items():
        assert written in sample
        sample = sample.replace(written, actual)
    done = subprocess.run(
        [sys.executable, "-c", sample],
        cwd=tmp_path,
        env=installation.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    assert "failed" in done.stdout.lower()  # "Ever tried. Ever failed."
    assert " --> " in done.stdout


def test_the_readme_is_under_two_screens() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_the_readme_leads_to_pages_that_exist() -> None:
    links = re.findall(r"\]\(([^)#:\s]+)\)", README.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (DOCS.parent / link).exists()] == []
