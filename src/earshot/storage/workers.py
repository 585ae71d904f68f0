"""Statements on `workers`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from earshot.storage.schema import workers


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker process that was started; `ready_at` is when it began to take jobs."""

    executor_id: str
    started_at: datetime
    ready_at: datetime | None


def insert_worker(conn: sa.Connection, executor_id: str, now: datetime) -> None:
    conn.execute(workers.insert().values(executor_id=executor_id, started_at=now))


def mark_worker_ready(conn: sa.Connection, executor_id: str, now: datetime) -> None:
    conn.execute(workers.update().where(workers.c.executor_id == executor_id).values(ready_at=now))


def list_workers(conn: sa.Connection) -> Sequence[WorkerRow]:
    """Every worker that did not say goodbye, the dead among them, oldest first."""
    rows = conn.execute(sa.select(workers).order_by(workers.c.started_at, workers.c.executor_id))
    return [WorkerRow(**row._mapping) for row in rows]


def delete_worker(conn: sa.Connection, executor_id: str) -> None:
    conn.execute(workers.delete().where(workers.c.executor_id == executor_id))
