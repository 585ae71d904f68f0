"""Waiting for a database that does not answer, for as long as there is nothing better to do."""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from earshot.errors import DatabaseUnavailable, StorageFull
from earshot.storage.media import is_disk_full

T = TypeVar("T")
_log = logging.getLogger(__name__)
_LONGEST_DELAY_S = 10.0


class WorkerStopping(BaseException):
    """This process is about to end; what it is working on is for others to continue.

    Not an Exception, so that nobody records it as the outcome of the work.
    """


def is_outage(error: Exception) -> bool:
    """Whether the database is locked, restarting or out of reach, or a disk full.

    It is no fault of the work that met it, which may go on once that is over.
    """
    if isinstance(error, OSError) and is_disk_full(error):
        return True
    if isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(
        error,
        (
            DatabaseUnavailable,
            StorageFull,
            sa.exc.OperationalError,
            sa.exc.InterfaceError,
            sa.exc.TimeoutError,  # every connection of the pool is in use
        ),
    )


class Patience:
    """Pauses that end when the worker stops, and what is done again after them."""

    def __init__(self, stopping: threading.Event, delay_s: float) -> None:
        """`delay_s` is the first pause; each further one is twice as long, up to a bound."""
        self._stopping = stopping
        self._delay_s = delay_s

    def check(self) -> None:
        if self._stopping.is_set():
            raise WorkerStopping

    def pause(self, n_before: int) -> None:
        """Wait, the longer the more pauses there were before; raises when told to stop."""
        delay_s = min(self._delay_s * 2 ** min(n_before, 16), _LONGEST_DELAY_S)
        if self._stopping.wait(delay_s):
            raise WorkerStopping

    def insist(self, statement: Callable[[], T]) -> T:
        """What the statement returns, once the database answers; raises when told to stop."""
        n_pauses = 0
        while True:
            self.check()
            try:
                return statement()
            except Exception as error:
                if not is_outage(error):
                    raise
                _log.warning("storage_awaited", extra={"error": type(error).__name__})
            self.pause(n_pauses)
            n_pauses += 1
