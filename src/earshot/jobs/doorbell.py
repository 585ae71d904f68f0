"""Waking workers when there may be work, so that none need look for it all the time.

The workflow engine looks into each of its queues at an interval. Often enough for a quick start,
that would keep an idle machine busy; so its threads sleep long and what others commit wakes them.
"""

import logging
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable

import psycopg
import sqlalchemy as sa
from typing_extensions import override

from earshot.jobs.names import QUEUES

_log = logging.getLogger(__name__)
CHANNEL = "earshot_jobs"
# How fast a commit in the same file is noticed; one look costs some ten microseconds.
_LOOK_S = 0.02
# Looks into one queue are never closer together than this.
_GAP_S = 0.03
# After a ring the queue is looked into that often, that long: a worker's slot, and an account's, is
# free only a moment after the commit that tells of it.
_AGAIN_S = 0.06
_LINGER_S = 0.3
_RECONNECT_S = 1.0
EVERY_QUEUE = ""
Ring = Callable[[str], None]  # for the queue of that name
# The second condition on the status is what the engine's index of waiting work is found by.
_HAS_WAITING = """
    SELECT EXISTS (
        SELECT 1 FROM workflow_status
        WHERE queue_name = ? AND status = 'ENQUEUED' AND status IN ('ENQUEUED', 'PENDING')
    )
"""


class Doorbell:
    """Rung from any thread; wakes the `Listener`s of this process that listen for that queue."""

    def __init__(self) -> None:
        self.condition = threading.Condition()
        self._n_rings: Counter[str] = Counter()

    def ring(self, queue_name: str = EVERY_QUEUE) -> None:
        with self.condition:
            self._n_rings[queue_name] += 1
            self.condition.notify_all()

    def n_rings(self, queue_name: str) -> int:
        """How often it was rung for that queue."""
        return self._n_rings[queue_name] + self._n_rings[EVERY_QUEUE]


class Listener(threading.Event):
    """The event that tells one queue's thread to stop, whose `wait` the doorbell cuts short."""

    def __init__(
        self, bell: Doorbell, queue_name: str, has_room: Callable[[], bool] = lambda: True
    ) -> None:
        """While there is no room for more, rings are left for later; ring when there is again."""
        super().__init__()
        self._bell = bell
        self._queue_name = queue_name
        self._has_room = has_room
        self._n_heard = -1  # whatever was rung before: look at once
        self._heard_at_s = 0.0
        self._looked_at_s = 0.0

    @override
    def set(self) -> None:
        super().set()
        self._bell.ring()

    @override
    def wait(self, timeout: float | None = None) -> bool:
        """True when told to stop; False after the timeout or, sooner, when it is time to look."""
        super().wait(max(0.0, self._looked_at_s + _GAP_S - time.monotonic()))
        is_lingering = time.monotonic() - self._heard_at_s < _LINGER_S and self._has_room()
        with self._bell.condition:
            is_rung = self._bell.condition.wait_for(
                self._is_rung, _AGAIN_S if is_lingering else timeout
            )
            if is_rung:
                self._n_heard = self._bell.n_rings(self._queue_name)
                self._heard_at_s = time.monotonic()
        self._looked_at_s = time.monotonic()
        return self.is_set()

    def _is_rung(self) -> bool:
        is_new = self._bell.n_rings(self._queue_name) != self._n_heard
        return is_new and (self._has_room() or self.is_set())


def watch_for_work(engine: sa.Engine, ring: Ring, stopping: threading.Event) -> None:
    """Ring for each queue whenever somebody may have committed work in it, until told to stop."""
    watch = _watch_file if engine.dialect.name == "sqlite" else _watch_notifications
    while not stopping.is_set():
        try:
            watch(engine, ring, stopping)
        except (sqlite3.Error, psycopg.Error) as error:
            # Until it is back, work is found at the engine's own interval.
            _log.warning("doorbell_broken", extra={"error": type(error).__name__})
            stopping.wait(_RECONNECT_S)


def ring_others(conn: sa.Connection, queue_name: str = EVERY_QUEUE) -> None:
    """Ring for that queue at every worker when the caller's transaction commits."""
    if conn.dialect.name == "postgresql":  # SQLite's commits are seen by themselves
        conn.execute(sa.select(sa.func.pg_notify(CHANNEL, queue_name)))


def _watch_file(engine: sa.Engine, ring: Ring, stopping: threading.Event) -> None:
    assert engine.url.database is not None
    connection = sqlite3.connect(engine.url.database, isolation_level=None)
    try:
        seen = None
        while not stopping.wait(_LOOK_S):
            # A number that changes with every commit that another connection makes.
            version = connection.execute("PRAGMA data_version").fetchone()
            if version != seen:
                seen = version
                # Most commits only record that a step began or ended, and a look costs far more.
                for queue_name in QUEUES:
                    if connection.execute(_HAS_WAITING, (queue_name,)).fetchone() == (1,):
                        ring(queue_name)
    finally:
        connection.close()


def _watch_notifications(engine: sa.Engine, ring: Ring, stopping: threading.Event) -> None:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        while not stopping.is_set():
            for notification in connection.notifies(timeout=1.0, stop_after=1):
                ring(notification.payload)
