from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from typing_extensions import override

from earshot.jobs.locks import FileLocks, LifeLocks, open_locks
from earshot.jobs.queue import JobQueue
from earshot.jobs.reaper import Reaper
from earshot.jobs.tables import workflow_status
from earshot.storage.workers import insert_worker, list_workers
from earshot.transcript.clock import utc_now


class LocksThatFail(FileLocks):
    """Locks whose database is away while told so."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.is_away = False

    @override
    def held(self, names: Iterable[str]) -> set[str]:
        if self.is_away:
            raise ConnectionError
        return super().held(names)


@pytest.fixture
def locks(engine: sa.Engine) -> Iterator[LifeLocks]:
    opened = open_locks(engine)
    yield opened
    opened.close()


def give_job_to(engine: sa.Engine, executor_id: str) -> None:
    queue = JobQueue(engine)
    queue.warm()
    status = workflow_status(engine)
    with engine.begin() as conn:
        queue.submit(conn, f"job-of-{executor_id}", account_id="a")
        conn.execute(
            sa.update(status)
            .where(status.c.workflow_uuid == f"job-of-{executor_id}")
            .values(status="PENDING", executor_id=executor_id)
        )
    queue.close()


def test_work_of_the_dead_is_handed_over_after_the_grace_again_and_again(
    engine: sa.Engine, locks: LifeLocks
) -> None:
    handed: list[list[str]] = []
    give_job_to(engine, "dead")
    reaper = Reaper(engine, locks, handed.append, grace_s=1.0, own_id="own")
    assert reaper.sweep(100.0) == []
    assert reaper.sweep(100.9) == []
    assert reaper.sweep(101.0) == ["dead"]
    assert reaper.sweep(101.5) == ["dead"]
    assert handed == [["dead"], ["dead"]]


def test_the_living_keep_their_work(engine: sa.Engine, locks: LifeLocks) -> None:
    give_job_to(engine, "alive")
    locks.try_hold("alive")
    reaper = Reaper(engine, locks, lambda _: None, grace_s=1.0, own_id="own")
    assert [reaper.sweep(now_s) for now_s in (0.0, 5.0)] == [[], []]


def test_one_who_was_only_missed_for_a_moment_is_given_a_new_grace(
    engine: sa.Engine, locks: LifeLocks
) -> None:
    give_job_to(engine, "shaky")
    reaper = Reaper(engine, locks, lambda _: None, grace_s=1.0, own_id="own")
    reaper.sweep(0.0)
    locks.try_hold("shaky")
    reaper.sweep(0.5)
    locks.release("shaky")
    assert reaper.sweep(1.0) == []
    assert reaper.sweep(2.0) == ["shaky"]


def test_the_dead_are_listed_no_longer(engine: sa.Engine, locks: LifeLocks) -> None:
    JobQueue(engine).warm()
    locks.try_hold("alive")
    with engine.begin() as conn:
        insert_worker(conn, "alive", utc_now())
        insert_worker(conn, "dead", utc_now())
    reaper = Reaper(engine, locks, lambda _: None, grace_s=1.0, own_id="own")
    reaper.sweep(0.0)
    reaper.sweep(1.0)
    with engine.begin() as conn:
        assert [row.executor_id for row in list_workers(conn)] == ["alive"]


def test_one_who_looks_is_never_dead_itself(engine: sa.Engine, locks: LifeLocks) -> None:
    give_job_to(engine, "own")
    with engine.begin() as conn:
        insert_worker(conn, "own", utc_now())
    reaper = Reaper(engine, locks, lambda _: None, grace_s=1.0, own_id="own")
    assert [reaper.sweep(now_s) for now_s in (0.0, 5.0)] == [[], []]
    with engine.begin() as conn:
        assert [row.executor_id for row in list_workers(conn)] == ["own"]


def test_who_was_missed_before_the_database_was_away_is_given_a_new_grace(
    engine: sa.Engine, tmp_path: Path
) -> None:
    give_job_to(engine, "shaky")
    locks = LocksThatFail(tmp_path)
    reaper = Reaper(engine, locks, lambda _: None, grace_s=1.0, own_id="own")
    assert reaper.sweep(0.0) == []
    locks.is_away = True
    with pytest.raises(ConnectionError):
        reaper.sweep(5.0)
    locks.is_away = False
    assert reaper.sweep(9.0) == []
    assert reaper.sweep(10.0) == ["shaky"]
    locks.close()
