import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from earshot.errors import TransitionImpossible
from earshot.jobs.policy import QueuePolicy
from earshot.jobs.queue import JobQueue, part_rank
from earshot.jobs.tables import workflow_status
from earshot.storage.database import LOCK_WAIT_S
from earshot.storage.job_attempts import count_attempt, list_attempted
from earshot.storage.schema import job_attempts


@pytest.fixture
def queue(engine: sa.Engine) -> Iterator[JobQueue]:
    opened = JobQueue(engine)
    opened.warm()
    yield opened
    opened.close()


def submit(engine: sa.Engine, queue: JobQueue, job_id: str, account_id: str = "a") -> None:
    with engine.begin() as conn:
        queue.submit(conn, job_id, account_id=account_id)


def workflow_ids(engine: sa.Engine) -> set[str]:
    with engine.begin() as conn:
        return set(conn.execute(sa.select(workflow_status(engine).c.workflow_uuid)).scalars())


def test_a_job_exists_only_if_its_transaction_commits(engine: sa.Engine, queue: JobQueue) -> None:
    conn = engine.connect()
    transaction = conn.begin()
    queue.submit(conn, "undone", account_id="a")
    transaction.rollback()
    conn.close()
    submit(engine, queue, "done")
    assert workflow_ids(engine) == {"done"}


def test_the_load_of_an_account_counts_its_own_jobs(engine: sa.Engine, queue: JobQueue) -> None:
    submit(engine, queue, "1")
    submit(engine, queue, "2")
    submit(engine, queue, "3", "b")
    assert (queue.load("a"), queue.load("b"), queue.load("c")) == (2, 1, 0)
    queue.cancel("1")
    assert queue.load("a") == 1


def test_a_job_is_announced_at_most_once(engine: sa.Engine, queue: JobQueue) -> None:
    for _ in range(2):
        with engine.begin() as conn:
            queue.announce(conn, "job")
    assert workflow_ids(engine) == {"job:webhook"}


def statuses(engine: sa.Engine) -> dict[str, str]:
    status = workflow_status(engine)
    with engine.begin() as conn:
        rows = conn.execute(sa.select(status.c.workflow_uuid, status.c.status)).all()
    return {row.workflow_uuid: row.status for row in rows}


def test_parts_that_are_offered_twice_are_there_once(engine: sa.Engine, queue: JobQueue) -> None:
    submit(engine, queue, "job")
    queue.offer_parts("job", 1, [0, 1])
    queue.offer_parts("job", 1, [1, 2])
    assert workflow_ids(engine) == {"job", "job:part:0", "job:part:1", "job:part:2"}


def test_who_cancels_or_forgets_a_job_reaches_the_parts_that_were_offered(
    engine: sa.Engine, queue: JobQueue
) -> None:
    for job_id in ("job", "other"):
        submit(engine, queue, job_id)
        queue.offer_parts(job_id, 1, [0, 1])
    queue.cancel("job")
    others = dict.fromkeys(("other", "other:part:0", "other:part:1"), "ENQUEUED")
    cancelled = dict.fromkeys(("job", "job:part:0", "job:part:1"), "CANCELLED")
    assert statuses(engine) == others | cancelled
    queue.forget("job")
    assert statuses(engine) == others


def test_nothing_is_offered_of_a_job_that_was_cancelled_or_deleted(
    engine: sa.Engine, queue: JobQueue
) -> None:
    submit(engine, queue, "cancelled")
    queue.cancel("cancelled")
    for job_id in ("cancelled", "deleted"):
        with pytest.raises(TransitionImpossible):
            queue.offer_parts(job_id, 1, [0])
    assert workflow_ids(engine) == {"cancelled"}


def test_cancelling_parts_spares_one_and_the_job(engine: sa.Engine, queue: JobQueue) -> None:
    submit(engine, queue, "job")
    queue.cancel_parts("job")
    queue.offer_parts("job", 1, [0, 1, 2])
    queue.cancel_parts("job", spared=1)
    under_way = {name for name, status in statuses(engine).items() if status == "ENQUEUED"}
    assert under_way == {"job", "job:part:1"}


def test_parts_of_two_jobs_of_one_rank_take_turns() -> None:
    assert part_rank(1000, 3) < part_rank(1000, 4) < part_rank(1001, 0)
    assert part_rank(1000, 10**6) < part_rank(1001, 0)


def test_cancelling_what_is_unknown_or_ended_is_no_error(
    engine: sa.Engine, queue: JobQueue
) -> None:
    queue.cancel("nothing")
    submit(engine, queue, "job")
    queue.cancel("job")
    queue.cancel("job")


def test_a_forgotten_job_takes_its_webhook_and_attempts_along(
    engine: sa.Engine, queue: JobQueue
) -> None:
    for job_id in ("job", "other"):
        submit(engine, queue, job_id)
        with engine.begin() as conn:
            queue.announce(conn, job_id)
            count_attempt(conn, job_id, "prepare")
    queue.forget("job")
    queue.forget("job")
    assert workflow_ids(engine) == {"other", "other:webhook"}
    with engine.begin() as conn:
        assert conn.execute(sa.select(job_attempts.c.job_id)).scalars().all() == ["other"]


def test_only_what_ended_long_ago_is_forgotten_by_itself(
    engine: sa.Engine, queue: JobQueue
) -> None:
    status = workflow_status(engine)
    for job_id, completed_at in [("old", 1_000), ("new", 3_000), ("running", None)]:
        submit(engine, queue, job_id)
        with engine.begin() as conn:
            conn.execute(
                sa.update(status)
                .where(status.c.workflow_uuid == job_id)
                .values(completed_at=completed_at)
            )
    queue.forget_ended(2_000)
    assert workflow_ids(engine) == {"new", "running"}


def test_attempts_that_begin_when_their_job_is_forgotten_are_forgotten_later(
    engine: sa.Engine, queue: JobQueue
) -> None:
    submit(engine, queue, "goes-on")
    with engine.begin() as conn:
        queue.announce(conn, "is-told")
        for job_id in ["goes-on", "is-told", *(f"gone{i}" for i in range(250))]:
            count_attempt(conn, job_id, "part:1")
    queue.forget_stray_attempts()
    with engine.begin() as conn:
        assert set(list_attempted(conn)) == {"goes-on", "is-told"}


def test_a_job_whose_workflow_ended_or_is_gone_is_without_one(
    engine: sa.Engine, queue: JobQueue
) -> None:
    status = workflow_status(engine)
    states = ["ENQUEUED", "PENDING", "ERROR", "SUCCESS", "CANCELLED"]
    for state in states:
        submit(engine, queue, state)
        with engine.begin() as conn:
            conn.execute(
                sa.update(status).where(status.c.workflow_uuid == state).values(status=state)
            )
    missing = [f"missing{i}" for i in range(300)]
    assert queue.without_workflow([*missing, *states]) == [*missing, *states[2:]]
    assert queue.without_workflow([]) == []


def test_a_sweep_is_enqueued_once_per_interval(engine: sa.Engine, queue: JobQueue) -> None:
    for interval in (1, 1, 2):
        queue.ensure_sweep(interval)
    assert workflow_ids(engine) == {"sweep:1", "sweep:2"}


def test_queues_are_registered_anew_with_every_start(queue: JobQueue) -> None:
    queue.register_queues(QueuePolicy())
    queue.register_queues(QueuePolicy(jobs_per_account=3))
    queue.register_queues(QueuePolicy(jobs_per_worker=1))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_ringing_waits_for_no_writer_of_sqlite(engine: sa.Engine, queue: JobQueue) -> None:
    with engine.begin():
        began_s = time.monotonic()
        queue.ring()
        assert time.monotonic() - began_s < LOCK_WAIT_S / 2


def test_a_closed_queue_opens_again_when_needed(engine: sa.Engine, queue: JobQueue) -> None:
    queue.close()
    submit(engine, queue, "job")
    assert workflow_ids(engine) == {"job"}


def test_opening_inside_a_writing_transaction_does_not_block_it(
    engine: sa.Engine, queue: JobQueue
) -> None:
    cold = JobQueue(engine)
    submit(engine, cold, "job")
    cold.close()
    assert queue.load("a") == 1
