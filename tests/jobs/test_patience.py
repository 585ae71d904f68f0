import errno
import sqlite3
import threading
import time

import pytest
import sqlalchemy as sa

from earshot.errors import DatabaseUnavailable, StorageFull
from earshot.jobs.patience import Patience, WorkerStopping, is_outage

LOCKED = sa.exc.OperationalError("BEGIN", {}, sqlite3.OperationalError("database is locked"))
LOST = sa.exc.InternalError("SELECT", {}, OSError(), connection_invalidated=True)


@pytest.mark.parametrize(
    "error",
    [
        LOCKED,
        LOST,
        DatabaseUnavailable(),
        sa.exc.TimeoutError(),
        StorageFull(),
        OSError(errno.ENOSPC, "no space left"),
    ],
)
def test_a_database_that_does_not_answer_or_a_full_disk_is_an_outage(error: Exception) -> None:
    assert is_outage(error)


@pytest.mark.parametrize(
    "error", [ValueError(), FileNotFoundError(), sa.exc.IntegrityError("INSERT", {}, OSError())]
)
def test_what_waiting_does_not_mend_is_no_outage(error: Exception) -> None:
    assert not is_outage(error)


def test_a_statement_is_repeated_until_the_database_answers() -> None:
    errors: list[Exception] = [LOCKED, DatabaseUnavailable()]

    def statement() -> str:
        if errors:
            raise errors.pop()
        return "answer"

    assert Patience(threading.Event(), 0.0).insist(statement) == "answer"


def test_a_mistake_in_a_statement_is_not_waited_out() -> None:
    def statement() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        Patience(threading.Event(), 0.0).insist(statement)


def test_stopping_ends_the_wait() -> None:
    stopping = threading.Event()

    def statement() -> None:
        stopping.set()
        raise DatabaseUnavailable

    began_s = time.monotonic()
    with pytest.raises(WorkerStopping):
        Patience(stopping, 60.0).insist(statement)
    assert time.monotonic() - began_s < 30.0


def test_a_long_wait_never_overflows() -> None:
    Patience(threading.Event(), 0.0).pause(100_000)
