import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from earshot.cli.supervisor import MAX_REFUSALS, WorkerSupervisor
from earshot.settings import Settings
from tests.processes import Installation, Server, until


def worker_of(server: Server) -> int:
    """The process id of the worker that a server looks after."""

    def found() -> list[int]:
        return [
            pid
            for pid in server.children()
            if b"--supervised" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]

    return until(found, "the server has a worker")[0]


def has_ended(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


@pytest.mark.slow
def test_a_worker_that_is_killed_is_started_again_and_does_the_work(
    earshot: Installation, speech: Path
) -> None:
    server = earshot.serve()
    server.await_ready()
    killed = worker_of(server)
    os.kill(killed, signal.SIGKILL)
    server.until(lambda: "worker_died" in server.log, "the death is noticed")
    transcript = earshot.api(server).transcribe(speech.read_bytes())
    assert transcript["status"] == "completed"
    assert worker_of(server) != killed


@pytest.mark.slow
def test_a_worker_ends_when_its_server_is_killed(earshot: Installation) -> None:
    server = earshot.serve()
    server.await_ready()
    worker = worker_of(server)
    server.kill()
    until(lambda: has_ended(worker), "the worker ends")


@pytest.mark.slow
def test_health_says_loading_until_another_worker_is_up(earshot: Installation) -> None:
    server = earshot.serve()
    server.await_ready()
    os.kill(worker_of(server), signal.SIGKILL)
    server.until(lambda: server.health()["models"] == "loading", "no worker is ready")
    server.await_ready()


@pytest.mark.slow
def test_a_worker_hears_nothing_of_ctrl_c(earshot: Installation) -> None:
    server = earshot.serve()
    server.await_ready()
    assert os.getpgid(worker_of(server)) != os.getpgid(server.pid)


def worker_that(code: str, folder: Path) -> list[str]:
    """A command that notes each of its starts, and then runs the code."""
    program = f"import sys; open({str(folder / 'starts')!r}, 'a').write('x'); {code}"
    return [sys.executable, "-c", program]


def n_starts(folder: Path) -> int:
    path = folder / "starts"
    return len(path.read_text()) if path.exists() else 0


def test_a_worker_that_the_operator_must_help_is_given_up(tmp_path: Path) -> None:
    given_up = threading.Event()
    command = worker_that("sys.exit(4)", tmp_path)
    with WorkerSupervisor(Settings(data=tmp_path), command, restart_delay_s=0) as supervisor:
        supervisor.start(give_up=given_up.set)
        assert given_up.wait(60)
        assert supervisor.has_given_up
    assert n_starts(tmp_path) == MAX_REFUSALS


def test_a_worker_that_dies_of_anything_else_is_started_again_and_again(tmp_path: Path) -> None:
    given_up = threading.Event()
    command = worker_that("sys.exit(1)", tmp_path)
    with WorkerSupervisor(Settings(data=tmp_path), command, restart_delay_s=0) as supervisor:
        supervisor.start(give_up=given_up.set)
        until(lambda: n_starts(tmp_path) > MAX_REFUSALS + 1, "the worker is started again")
    assert not given_up.is_set()
    assert not supervisor.has_given_up
