import os
import signal
from pathlib import Path

import pytest

from tests.processes import Installation, Server, until

pytestmark = pytest.mark.slow


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


def test_a_worker_ends_when_its_server_is_killed(earshot: Installation) -> None:
    server = earshot.serve()
    server.await_ready()
    worker = worker_of(server)
    server.kill()
    until(lambda: has_ended(worker), "the worker ends")


def test_health_says_loading_until_another_worker_is_up(earshot: Installation) -> None:
    server = earshot.serve()
    server.await_ready()
    os.kill(worker_of(server), signal.SIGKILL)
    server.until(lambda: server.health()["models"] == "loading", "no worker is ready")
    server.await_ready()
