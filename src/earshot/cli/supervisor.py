"""Keeps one `earshot work` running beside the server."""

import logging
import subprocess
import sys
import threading
import time
from typing import Self

from earshot.settings import Settings, child_environment

logger = logging.getLogger(__name__)

RESTART_DELAY_S = 1.0
# A worker that ran this long was no victim of its start; the delay begins anew.
SETTLED_S = 60.0
MAX_RESTART_DELAY_S = 30.0
STOP_GRACE_S = 10.0


class WorkerSupervisor:
    """Starts a worker process and starts it again whenever it ends, until it is stopped."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._is_stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_running, name="worker-supervisor")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> None:
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
        delay_s = RESTART_DELAY_S
        while not self._is_stopping.is_set():
            started_s = time.monotonic()
            self._process = self._spawn()
            if self._is_stopping.is_set():
                self._process.terminate()
            exit_code = self._process.wait()
            if self._is_stopping.is_set():
                return
            logger.error("worker_died", extra={"exit_code": exit_code, "restart_in_s": delay_s})
            if time.monotonic() - started_s > SETTLED_S:
                delay_s = RESTART_DELAY_S
            self._is_stopping.wait(delay_s)
            delay_s = min(2 * delay_s, MAX_RESTART_DELAY_S)

    def _spawn(self) -> subprocess.Popen[bytes]:
        # It ends when its standard input is closed: even if this process is killed.
        command = [sys.executable, "-m", "earshot", "work", "--supervised"]
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, env=child_environment(self._settings)
        )
