"""Ends a worker that is stuck: a call into native code cannot be interrupted, only its process."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Running:
    job_id: str
    step: str
    deadline_s: float


class Watchdog:
    """Knows what runs in this process and until when it may."""

    def __init__(self, now_s: Callable[[], float], end_process: Callable[[], None]) -> None:
        self._now_s = now_s
        self._end_process = end_process
        self._lock = threading.Lock()
        self._running: set[_Running] = set()

    @contextmanager
    def limit(self, job_id: str, step: str, limit_s: float) -> Iterator[None]:
        """Give what runs inside the block that long."""
        entry = _Running(job_id, step, self._now_s() + limit_s)
        with self._lock:
            self._running.add(entry)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(entry)

    def running(self) -> list[tuple[str, str]]:
        """Job and step of what is inside a block now."""
        with self._lock:
            return [(entry.job_id, entry.step) for entry in self._running]

    def check(self) -> None:
        """End the process if anything has run for longer than it may."""
        now_s = self._now_s()
        with self._lock:
            overdue = [entry for entry in self._running if now_s > entry.deadline_s]
        for entry in overdue:
            _log.error("step_overdue", extra={"job_id": entry.job_id, "step": entry.step})
        if overdue:
            self._end_process()
