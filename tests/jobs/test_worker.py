import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from earshot.jobs.handlers import Announce, DeliveryVerdict, Offer
from earshot.jobs.policy import QueuePolicy
from earshot.jobs.queue import JobQueue
from earshot.jobs.tables import workflow_status
from earshot.jobs.worker import JobWorker
from earshot.jobs.workers import any_worker_ready
from earshot.storage.database import open_database, reading, upgrade_schema
from earshot.storage.job_attempts import count_attempt, list_attempted
from tests.processes import until

PATIENCE_S = 20.0


class Handlers:
    """Jobs of three parts that end when their webhook is delivered, at the second attempt.

    Of several messages the last is so; those before it arrive never.
    """

    def __init__(self) -> None:
        self.n_parts: Any = 3
        self.n_offered = 0
        self.n_messages = 1
        self.calls: list[str] = []
        self.is_delivered = threading.Event()
        self.is_swept = threading.Event()
        self.is_failed = threading.Event()
        self.is_ended = threading.Event()
        self.engine: sa.Engine | None = None
        self.n_asks = 0  # how often others are asked before a job can end
        self.together: threading.Barrier | None = None

    def prepare(self, job_id: str, offer: Offer) -> int:
        self.calls.append(f"prepare {job_id}")
        for part_index in range(self.n_offered):
            offer(part_index)
        n_parts: int = self.n_parts
        return n_parts

    def run_part(self, job_id: str, part_index: int) -> None:
        self.calls.append(f"part {job_id} {part_index}")

    def finish(self, job_id: str, announce: Announce) -> bool:
        self.calls.append(f"finish {job_id}")
        if self.calls.count(f"ask {job_id}") < self.n_asks:
            return False
        assert self.engine is not None
        with self.engine.begin() as conn:
            announce(conn)
        return True

    def ask(self, job_id: str) -> None:
        if self.together is not None:
            self.together.wait(PATIENCE_S)
        self.calls.append(f"ask {job_id}")

    def fail(self, job_id: str, error: Exception, announce: Announce) -> None:
        assert announce is not None
        self.calls.append(f"fail {job_id} {type(error).__name__}")
        self.is_failed.set()
        if "lost" not in job_id:
            self.is_ended.set()

    def deliver(self, job_id: str, attempt: int, message_index: int) -> DeliveryVerdict:
        if message_index >= self.n_messages:
            return DeliveryVerdict.NONE
        self.calls.append(f"deliver {job_id} {attempt} of message {message_index}")
        is_last = message_index == self.n_messages - 1
        if attempt == 1 or not is_last:
            raise ConnectionError
        self.is_delivered.set()
        return DeliveryVerdict.DELIVERED

    def sweep(self) -> None:
        self.is_swept.set()

    def under_way(self) -> Sequence[str]:
        return ["lost"]


Check = Callable[[sa.Engine, Handlers], None]


def run_worker(folder: Path, policy: QueuePolicy, check: Check) -> None:
    engine = open_database(f"sqlite:///{folder / 'earshot.db'}")
    upgrade_schema(engine)
    handlers = Handlers()
    handlers.engine = engine
    worker = JobWorker(engine, policy, handlers)
    worker.start()
    try:
        check(engine, handlers)
    finally:
        worker.stop()
    assert not any_worker_ready(engine)
    engine.dispose()


def test_a_worker_runs_a_job_from_its_first_step_to_its_webhook(tmp_path: Path) -> None:
    def check(engine: sa.Engine, handlers: Handlers) -> None:
        assert any_worker_ready(engine)
        queue = JobQueue(engine)
        with engine.begin() as conn:
            queue.submit(conn, "job", account_id="a")
        assert handlers.is_delivered.wait(PATIENCE_S)
        queue.close()
        calls = [call for call in handlers.calls if "lost" not in call]
        assert calls[0] == "prepare job"
        assert sorted(calls[1:4]) == ["part job 0", "part job 1", "part job 2"]
        attempts = ["deliver job 1 of message 0", "deliver job 2 of message 0"]
        assert calls[4:] == ["finish job", *attempts]

    run_worker(tmp_path, QueuePolicy(webhook_interval_s=0.01), check)


def test_a_message_is_sent_when_the_one_before_it_has_arrived_or_never_will(
    tmp_path: Path,
) -> None:
    def check(engine: sa.Engine, handlers: Handlers) -> None:
        handlers.n_messages = 2
        queue = JobQueue(engine)
        with engine.begin() as conn:
            queue.announce(conn, "job")
        assert handlers.is_delivered.wait(PATIENCE_S)
        queue.close()
        told = [call for call in handlers.calls if call.startswith("deliver job")]
        assert told == [
            *(f"deliver job {attempt} of message 0" for attempt in (1, 2, 3)),
            "deliver job 1 of message 1",
            "deliver job 2 of message 1",
        ]

    run_worker(tmp_path, QueuePolicy(webhook_interval_s=0.01, webhook_attempts=3), check)


def test_a_job_that_offers_its_only_part_runs_it_once_and_puts_nothing_on_the_queue(
    tmp_path: Path,
) -> None:
    def check(engine: sa.Engine, handlers: Handlers) -> None:
        handlers.n_parts = handlers.n_offered = 1
        queue = JobQueue(engine)
        with engine.begin() as conn:
            queue.submit(conn, "job", account_id="a")
        assert handlers.is_delivered.wait(PATIENCE_S)
        queue.close()
        assert handlers.calls.count("part job 0") == 1
        with engine.begin() as conn:
            assert (
                "run_part" not in conn.execute(sa.select(workflow_status(engine).c.name)).scalars()
            )

    run_worker(tmp_path, QueuePolicy(webhook_interval_s=0.01), check)


@pytest.mark.slow
def test_whoever_waits_for_others_keeps_no_job_from_the_cores(tmp_path: Path) -> None:
    def check(engine: sa.Engine, handlers: Handlers) -> None:
        handlers.n_asks, handlers.together = 1, threading.Barrier(4 + 1)
        queue = JobQueue(engine)
        with engine.begin() as conn:
            for number in range(4):
                queue.submit(conn, f"job-{number}", account_id="a")
        # Reached by all at once only, though there is one core for what they did before.
        handlers.together.wait(PATIENCE_S)
        assert handlers.is_delivered.wait(PATIENCE_S)
        queue.close()

    run_worker(tmp_path, QueuePolicy(parts_per_worker=1, webhook_interval_s=0.01), check)


@pytest.mark.slow
def test_others_are_asked_until_nothing_is_left_to_ask_or_the_attempts_are_spent(
    tmp_path: Path,
) -> None:
    def check(engine: sa.Engine, handlers: Handlers) -> None:
        queue = JobQueue(engine)
        handlers.n_asks = 2
        with engine.begin() as conn:
            queue.submit(conn, "job", account_id="a")
        assert handlers.is_delivered.wait(PATIENCE_S)
        ends = [call for call in handlers.calls if call in ("finish job", "ask job")]
        assert ends == ["finish job", "ask job", "finish job", "ask job", "finish job"]
        handlers.n_asks = 100
        with engine.begin() as conn:
            queue.submit(conn, "endless", account_id="a")
        assert handlers.is_ended.wait(PATIENCE_S)
        assert handlers.calls.count("ask endless") == QueuePolicy().attempts
        queue.close()

    run_worker(tmp_path, QueuePolicy(webhook_interval_s=0.01), check)


def test_an_error_between_the_steps_fails_the_job(tmp_path: Path) -> None:
    def check(engine: sa.Engine, handlers: Handlers) -> None:
        handlers.n_parts = "many"  # of which there is no range
        queue = JobQueue(engine)
        with engine.begin() as conn:
            queue.submit(conn, "job", account_id="a")
        assert handlers.is_ended.wait(PATIENCE_S)
        queue.close()
        assert "fail job TypeError" in handlers.calls

    run_worker(tmp_path, QueuePolicy(), check)


def test_a_worker_sweeps_by_itself_and_fails_what_has_no_workflow(tmp_path: Path) -> None:
    def check(engine: sa.Engine, handlers: Handlers) -> None:
        assert handlers.is_swept.wait(PATIENCE_S)
        assert handlers.is_failed.wait(PATIENCE_S)
        assert handlers.calls == ["fail lost JobAttemptsExhausted"]
        until(lambda: not attempted(engine), "attempts of what is gone are forgotten")

    engine = open_database(f"sqlite:///{tmp_path / 'earshot.db'}")
    upgrade_schema(engine)
    with engine.begin() as conn:
        count_attempt(conn, "gone", "part:1")
    assert attempted(engine) == ["gone"]
    engine.dispose()
    run_worker(tmp_path, QueuePolicy(), check)


def attempted(engine: sa.Engine) -> Sequence[str]:
    with reading(engine) as conn:
        return list_attempted(conn)
