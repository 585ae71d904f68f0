import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import pytest
import sqlalchemy as sa

from earshot.accounts.usage import report_usage
from earshot.api.live_admission import admit
from earshot.api.live_plan import SessionWebhook
from earshot.api.live_reaper import SessionReaper
from earshot.api.live_record import SessionRecord, lock_name
from earshot.jobs.locks import FileLocks
from earshot.storage.database import reading
from earshot.storage.live_sessions import STILL_OPEN, LiveSessionRow, find_live_session
from earshot.storage.schema import live_sessions
from earshot.storage.usage import UsageFilter
from earshot.streaming.events import LiveWord, TurnUpdated
from tests.api.conftest import World
from tests.processes import until

SMOKE = TurnUpdated(
    0,
    (LiveWord("smoke", 0, 100, 0.9, is_final=True),),
    is_end=True,
    is_formatted=False,
    end_confidence=0.5,
)


@pytest.fixture
def locks(tmp_path: Path) -> Iterator[FileLocks]:
    """Those of the process that holds the session."""
    locks = FileLocks(tmp_path / "locks")
    yield locks
    locks.close()


@pytest.fixture
def others(tmp_path: Path) -> Iterator[FileLocks]:
    """Those of another process."""
    others = FileLocks(tmp_path / "locks")
    yield others
    others.close()


@dataclass
class LosableLocks:
    """As PostgreSQL's: gone for a while when a connection breaks."""

    names: set[str] = field(default_factory=set)

    def try_hold(self, name: str) -> bool:
        self.names.add(name)
        return True

    def release(self, name: str) -> None:
        self.names.discard(name)

    def held(self, names: Iterable[str]) -> set[str]:
        return self.names & set(names)

    def renew(self) -> None:
        """Nobody broke it."""

    def discard(self, name: str) -> None:
        """It leaves nothing behind."""

    def close(self) -> None:
        self.names.clear()


def begun(world: World) -> SessionRecord:
    webhook = SessionWebhook("https://example.com/", "x", "y")
    made = SessionRecord("s", admit(world.services, world.key, ""), world.clock(), True, webhook)
    made.keep(SMOKE)
    return made


def stored(world: World) -> LiveSessionRow:
    with reading(world.services.engine) as conn:
        row = find_live_session(conn, "s")
    assert row is not None
    return row


def test_the_session_of_a_dead_process_is_counted_and_its_webhook_sent_once(
    world: World, locks: FileLocks, others: FileLocks, tmp_path: Path
) -> None:
    begun(world).note(world.services, locks, audio_ms=100)
    noted = stored(world)
    locks.close()  # as the system does at its death
    reapers = [SessionReaper(world.services, others) for _ in range(2)]
    assert [reaper.look() for reaper in reapers] == [1, 0]
    row = stored(world)
    assert (row.audio_ms, row.close_code, row.ended_at) == (100, 1006, noted.ended_at)
    assert "smoke" in (row.webhook_body or "")
    assert world.jobs.announced == ["s"]
    assert list((tmp_path / "locks").iterdir()) == []
    with reading(world.services.engine) as conn:
        (line,) = report_usage(conn, UsageFilter())
    assert (line.total.product, line.total.n_requests, line.total.audio_ms) == ("streaming", 1, 100)


def test_the_session_of_a_living_process_goes_on(
    world: World, locks: FileLocks, others: FileLocks
) -> None:
    begun(world).note(world.services, locks, audio_ms=100)
    assert SessionReaper(world.services, others).look() == 0
    assert stored(world).close_code == STILL_OPEN


def test_a_lock_that_is_lost_for_a_moment_is_no_death(world: World) -> None:
    locks = LosableLocks()
    begun(world).note(world.services, locks, audio_ms=100)
    reaper = SessionReaper(world.services, locks)
    for _ in range(2):
        locks.close()
        assert reaper.look() == 0
        locks.try_hold(lock_name("s"))
        assert reaper.look() == 0
    locks.close()
    assert [reaper.look(), reaper.look()] == [0, 1]
    assert world.jobs.announced == ["s"]


def test_it_looks_at_once_and_until_it_is_to_end(
    world: World, locks: FileLocks, others: FileLocks
) -> None:
    begun(world).note(world.services, locks, audio_ms=100)
    locks.close()
    ended = Event()
    looking = Thread(target=SessionReaper(world.services, others).run, args=(ended,))
    looking.start()
    until(lambda: stored(world).close_code == 1006, "it is found")
    ended.set()
    looking.join(30)
    assert not looking.is_alive()


def test_a_database_that_fails_is_looked_at_again(
    world: World, others: FileLocks, caplog: pytest.LogCaptureFixture
) -> None:
    with world.services.engine.begin() as conn:
        conn.execute(sa.schema.DropTable(live_sessions))
    ended = Event()
    ended.set()
    with caplog.at_level(logging.WARNING):
        SessionReaper(world.services, others).run(ended)
    assert "live_sessions_not_looked_for" in caplog.messages
