import os
import pty
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from earshot.accounts.keys import list_keys
from earshot.cli.first_key import offer_first_key
from earshot.settings import Settings
from tests.processes import Installation, until


@pytest.mark.slow
def test_without_a_terminal_the_first_key_is_in_a_private_file(earshot: Installation) -> None:
    server = earshot.serve("--role", "api")
    path = earshot.data / "first-key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(earshot.data.stat().st_mode) == 0o700
    assert str(path) in server.output
    assert earshot.key not in server.output
    earshot.api(server).json("GET", "/v2/transcript")


@pytest.mark.slow
def test_a_second_start_makes_no_second_key(earshot: Installation) -> None:
    earshot.serve("--role", "api").end()
    key = earshot.key
    server = earshot.serve("--role", "api")
    assert earshot.key == key
    assert "API key" not in server.output


@pytest.mark.slow
def test_on_a_terminal_the_first_key_is_shown_and_in_no_file(earshot: Installation) -> None:
    terminal, its_end = pty.openpty()
    command = [sys.executable, "-m", "earshot", "serve", "--port", "0", "--role", "api"]
    server = subprocess.Popen(
        command, stdin=its_end, stdout=its_end, stderr=its_end, env=earshot.environment
    )
    os.close(its_end)
    shown = b""

    def is_up() -> bool:
        nonlocal shown
        shown += os.read(terminal, 4096)
        return b"Earshot listens on" in shown

    until(is_up, "the server listens")
    server.terminate()
    server.wait()
    os.close(terminal)
    assert b"API key (shown once): " in shown
    assert not (earshot.data / "first-key").exists()


def test_a_key_that_could_not_be_shown_does_not_stay(engine: sa.Engine, tmp_path: Path) -> None:
    (tmp_path / "first-key").mkdir()
    with pytest.raises(IsADirectoryError):
        offer_first_key(engine, Settings(data=tmp_path))
    with engine.begin() as conn:
        assert list_keys(conn) == []


def test_of_servers_that_start_together_one_makes_the_key(
    engine: sa.Engine, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("a", "b", "c")]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda folder: offer_first_key(engine, Settings(data=folder)), folders))
    with engine.begin() as conn:
        assert len(list_keys(conn)) == 1
    assert len(list(tmp_path.glob("*/first-key"))) == 1
