"""Keeps one `earshot work` running beside the server."""

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Self

from earshot.cli import EXIT_OPERATOR_ERROR
from earshot.settings import Settings, child_environment

logger = logging.getLogger(__name__)

RESTART_DELAY_S = 1.0
# A worker that ran this long was no victim of its start; the delay begins anew.
SETTLED_S = 60.0
MAX_RESTART_DELAY_S = 30.0
STOP_GRACE_S = 10.0
# A database that is restarted is back by then; a model that is missing is not.
MAX_REFUSALS = 5
WORKER_COMMAND = (sys.executable, "-m", "earshot", "work", "--supervised")


class WorkerSupervisor:
    """Starts a worker process and starts it again whenever it ends, until it is stopped.

    One that says, again and again, that the operator must do something first is given up.
    """

    def __init__(
        self,
        settings: Settings,
        command: Sequence[str] = WORKER_COMMAND,
        restart_delay_s: float = RESTART_DELAY_S,
    ) -> None:
        """`command` runs a worker that ends when its standard input is closed."""
        self._settings = settings
        self._command = command
        self._restart_delay_s = restart_delay_s
        self.has_given_up = False
        self._give_up: Callable[[], None] = _tell_nobody
        self._is_stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_running, name="worker-supervisor")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self, give_up: Callable[[], None]) -> None:
        """Begin; `give_up` is called, on another thread, when the worker is given up."""
        self._give_up = give_up
        self._thread.start()

    def stop(self) -> None:
        """End the worker, gently at first, and return when it is gone."""
        self._is_stopping.set()
        if not self._thread.is_alive():
            return
        process = self._process
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join()

    def _keep_running(self) -> None:
        delay_s = self._restart_delay_s
        n_refusals = 0
        while not self._is_stopping.is_set():
            started_s = time.monotonic()
            exit_code = self._run_worker()
            if self._is_stopping.is_set():
                return
            has_settled = time.monotonic() - started_s > SETTLED_S
            is_refusal = exit_code == EXIT_OPERATOR_ERROR and not has_settled
            n_refusals = n_refusals + 1 if is_refusal else 0
            if n_refusals == MAX_REFUSALS:
                logger.error("worker_given_up", extra={"exit_code": exit_code})
                self.has_given_up = True
                self._give_up()
                return
            logger.error("worker_died", extra={"exit_code": exit_code, "restart_in_s": delay_s})
            if has_settled:
                delay_s = self._restart_delay_s
            self._is_stopping.wait(delay_s)
            delay_s = min(2 * delay_s, MAX_RESTART_DELAY_S)

    def _run_worker(self) -> int:
        """Run one worker to its end, and return its exit code."""
        with self._spawn() as process:  # at the end, our side of its standard input is closed
            self._process = process
            if self._is_stopping.is_set():
                process.terminate()
            return process.wait()

    def _spawn(self) -> subprocess.Popen[bytes]:
        # It ends when its standard input is closed: even if this process is killed. In a session of
        # its own, it is not sent what the terminal sends us at Ctrl-C, and ends when we say so.
        return subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            env=child_environment(self._settings),
            start_new_session=True,
        )


def _tell_nobody() -> None:
    """Nobody asked to be told."""
