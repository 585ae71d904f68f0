import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from earshot.jobs.locks import LifeLocks, open_locks

HOLDER = (
    "import sys; from earshot.jobs.locks import open_locks;"
    "from earshot.storage.database import open_database;"
    "locks = open_locks(open_database(sys.argv[1])); print(locks.try_hold('a'), flush=True);"
    "sys.stdin.read()"
)


PATIENCE_S = 30.0


def until(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


@pytest.fixture
def locks(engine: sa.Engine) -> Iterator[LifeLocks]:
    opened = open_locks(engine)
    yield opened
    opened.close()


def test_a_lock_is_held_by_one_at_a_time(engine: sa.Engine, locks: LifeLocks) -> None:
    other = open_locks(engine)
    assert locks.try_hold("a")
    assert locks.try_hold("a")
    assert not other.try_hold("a")
    assert other.held(["a", "b"]) == locks.held(["a", "b"]) == {"a"}
    locks.release("a")
    assert locks.held(["a"]) == set()
    assert other.try_hold("a")
    other.close()


def test_a_dead_process_holds_nothing(locks: LifeLocks, database_url: str) -> None:
    command = [sys.executable, "-c", HOLDER, database_url]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert holder.stdout.readline() == b"True\n"
    assert locks.held(["a"]) == {"a"}
    assert not locks.try_hold("a")
    holder.kill()
    holder.communicate()
    # The server may need a moment to see that the connection is gone.
    until(lambda: not locks.held(["a"]))
    assert locks.try_hold("a")


def test_looking_at_a_lock_does_not_take_it(engine: sa.Engine, locks: LifeLocks) -> None:
    other = open_locks(engine)
    assert other.held(["a"]) == set()
    assert locks.try_hold("a")
    other.close()


def break_connections(engine: sa.Engine, locks: LifeLocks) -> None:
    """Have PostgreSQL end whatever connection holds a lock."""
    if engine.dialect.name == "postgresql":
        kill = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        with engine.begin() as conn:
            conn.exec_driver_sql(kill)
        until(lambda: not locks.held(["a", "b"]))


def test_locks_that_were_lost_are_taken_again(engine: sa.Engine, locks: LifeLocks) -> None:
    assert locks.try_hold("a")
    assert locks.try_hold("b")
    break_connections(engine, locks)
    locks.renew()
    assert locks.held(["a", "b"]) == {"a", "b"}


def test_locks_are_taken_again_even_if_the_first_renewal_fails(
    engine: sa.Engine, locks: LifeLocks
) -> None:
    assert locks.try_hold("a")
    break_connections(engine, locks)
    other = open_locks(engine)
    if other.try_hold("a"):  # on PostgreSQL, where it was lost: renewing waits for it in vain
        with pytest.raises(sa.exc.OperationalError):
            locks.renew()
    other.close()
    until(lambda: not other.held(["a"]) or engine.dialect.name == "sqlite")
    locks.renew()
    assert locks.held(["a"]) == {"a"}


def test_discarding_what_nobody_left_is_no_error(locks: LifeLocks) -> None:
    locks.discard("a")
    assert locks.try_hold("a")
