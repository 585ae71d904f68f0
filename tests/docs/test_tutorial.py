"""The tutorial does what it says, block by block, against a server as its readers start it."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.confidential import assert_discreet
from tests.docs.markdown import DOCS, blocks_of
from tests.processes import PATIENCE_S, Installation

TUTORIAL = DOCS / "tutorial.md"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def _run_blocks(folder: Path, environment: dict[str, str], addresses: dict[str, str]) -> str:
    """What the page's shell prints when its blocks are typed one after the other."""
    script = ["set -eu"]
    for block in blocks_of(TUTORIAL):
        code = block.code
        for written, actual in addresses.items():
            code = code.replace(written, actual)
        if block.file_name is not None:
            (folder / block.file_name).write_text(code, encoding="utf-8")
        elif block.language == "sh":
            script.append(code)
    done = subprocess.run(
        ["/bin/sh", "-c", "\n".join(script)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert_discreet(done.stderr)
    return done.stdout


@pytest.mark.slow
def test_the_tutorial_works_as_it_is_written(
    install: Callable[..., Installation], tmp_path: Path
) -> None:
    installation = install()
    server = installation.serve()
    folder = tmp_path / "reader"
    folder.mkdir()
    tools = os.pathsep.join((str(Path(sys.executable).parent), os.defpath))
    said = _run_blocks(
        folder,
        {**installation.environment, "PATH": tools},
        {"http://127.0.0.1:8000": server.url, "9000": str(_free_port())},
    )
    assert "best of times" in said.lower()
    assert "the age of wisdom: 1 time(s)" in said
    assert " --> " in said  # the third line of the captions
    assert (folder / "two_cities.vtt").read_text(encoding="utf-8").startswith("WEBVTT")
    assert '"status":"completed"}' in said
    assert said.count("deleted: ") == 3


def test_every_program_of_the_tutorial_is_saved_and_then_run() -> None:
    blocks = blocks_of(TUTORIAL)
    programs = [block.file_name for block in blocks if block.language == "python"]
    shell = "".join(block.code for block in blocks if block.language == "sh")
    assert None not in programs
    assert [name for name in programs if f"python {name}" not in shell] == []
