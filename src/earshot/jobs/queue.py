"""Handing work over and taking it back: what the API and the command line use."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from earshot.errors import TransitionImpossible
from earshot.jobs.doorbell import EVERY_QUEUE, ring_others
from earshot.jobs.engine_log import tame_engine_log
from earshot.jobs.names import (
    APPLICATION,
    APPLICATION_VERSION,
    CHORES,
    DELIVER_WEBHOOK,
    JOBS,
    PARTS,
    RUN_JOB,
    RUN_PART,
    SWEEP,
    WEBHOOKS,
    part_workflow_id,
    webhook_workflow_id,
)
from earshot.jobs.policy import QueuePolicy
from earshot.jobs.tables import (
    SCHEMA,
    open_engine_database,
    prepare_job_tables,
    workflow_status,
)
from earshot.storage.database import reading
from earshot.storage.job_attempts import forget_attempts, list_attempted

if TYPE_CHECKING:
    from dbos import DBOSClient, EnqueueOptions

# The engine runs smaller numbers first, from 1 on; ours are the other way round, around 0.
_NEUTRAL_RANK = 1000
_UNDER_WAY = ("ENQUEUED", "PENDING")
# Parts of all jobs with the same rank take turns: the third part of any goes before the fourth of
# another, so that a short recording need not wait for all of a long one.
_PARTS_PER_RANK = 100_000
_BATCH = 200


class JobQueue:
    """Jobs of the installation that shares this database."""

    def __init__(self, engine: sa.Engine) -> None:
        """Nothing is imported or connected to before it is needed; `warm` does it ahead of time."""
        self._engine = engine
        self._connecting = threading.Lock()
        self._warming = threading.Lock()
        self._is_warm = False
        self._engine_database: sa.Engine | None = None
        self._connected: DBOSClient | None = None

    def warm(self) -> None:
        """Connect, and make the engine's tables; cheap when done before.

        Not to be called inside a writing transaction, for which the making would wait in vain.
        Every method that takes no connection begins with it.
        """
        with self._warming:
            if not self._is_warm:
                prepare_job_tables(self._engine)
                self._is_warm = True
        self._client()

    def close(self) -> None:
        with self._connecting:
            if self._connected is not None:
                self._connected.destroy()
                self._connected = None
            if self._engine_database is not None and self._engine_database is not self._engine:
                self._engine_database.dispose()
            self._engine_database = None

    def submit(
        self, conn: sa.Connection, job_id: str, *, account_id: str, priority: int = 0
    ) -> None:
        """Enqueue the job in the caller's transaction; among waiting jobs, higher goes first."""
        rank = max(1, _NEUTRAL_RANK - priority)
        options = _options(RUN_JOB, JOBS, job_id)
        options["queue_partition_key"] = account_id
        options["priority"] = rank
        self._client().enqueue_in_transaction(conn, options, job_id, rank)
        ring_others(conn, JOBS)

    def announce(self, conn: sa.Connection, job_id: str) -> None:
        """Enqueue the job's webhook in the caller's transaction, unless it ever was before."""
        options = _options(DELIVER_WEBHOOK, WEBHOOKS, webhook_workflow_id(job_id))
        self._client().enqueue_in_transaction(conn, options, job_id)
        ring_others(conn, WEBHOOKS)

    def ring(self, queue_name: str = EVERY_QUEUE) -> None:
        """Have every worker look for work now."""
        if self._engine.dialect.name == "sqlite":
            return  # its commits ring by themselves, and this one would wait for the writers' lock
        with self._engine.begin() as conn:
            ring_others(conn, queue_name)

    def cancel(self, job_id: str) -> None:
        """Stop the job and its parts: what waits is not begun, what runs is not followed up.

        A step that is running goes on to its end, and its handler meets TransitionImpossible if
        the record it works for was ended, as it should be, before this call.
        """
        self._warm_client().cancel_workflows([job_id], cancel_children=True)

    def offer_parts(self, job_id: str, rank: int, part_indexes: Sequence[int]) -> None:
        """Enqueue parts of a job that is still being prepared, unless they ever were before.

        Raises TransitionImpossible where the job was cancelled or deleted: whoever does that finds
        either all of these parts or none of them.
        """
        client, status = self._warm_client(), workflow_status(self._engine)
        job = sa.select(status.c.status).where(status.c.workflow_uuid == job_id)
        ids = [part_workflow_id(job_id, part_index) for part_index in part_indexes]
        with self._engine.begin() as conn:
            _require_under_way(conn.execute(job.with_for_update(read=True)))
            for workflow_id, part_index in zip(ids, part_indexes, strict=True):
                options = _options(RUN_PART, PARTS, workflow_id)
                options["priority"] = part_rank(rank, part_index)
                client.enqueue_in_transaction(conn, options, job_id, part_index)
            # A client's workflows have no parent, by which cancelling and deleting would find them.
            conn.execute(
                sa.update(status)
                .where(status.c.workflow_uuid.in_(ids))
                .values(parent_workflow_id=job_id)
            )
            ring_others(conn, PARTS)

    def require_under_way(self, job_id: str) -> None:
        """Raises TransitionImpossible where the job has ended, was cancelled or deleted."""
        status = workflow_status(self._engine)
        job = sa.select(status.c.status).where(status.c.workflow_uuid == job_id)
        with reading(self._engine) as conn:
            _require_under_way(conn.execute(job))

    def cancel_parts(self, job_id: str, *, spared: int | None = None) -> None:
        """Stop all parts of the job that there are, but one."""
        client, status = self._warm_client(), workflow_status(self._engine)
        parts = sa.select(status.c.workflow_uuid).where(
            status.c.parent_workflow_id == job_id,
            status.c.name == RUN_PART,
            status.c.status.in_(_UNDER_WAY),
        )
        if spared is not None:
            parts = parts.where(status.c.workflow_uuid != part_workflow_id(job_id, spared))
        with reading(self._engine) as conn:
            others = list(conn.execute(parts).scalars())
        if others:
            client.cancel_workflows(others)

    def forget(self, job_id: str) -> None:
        """Leave no trace of the job, its parts and its webhook in the queue's tables."""
        ids = [job_id, webhook_workflow_id(job_id)]
        self._warm_client().delete_workflows(ids, delete_children=True)
        with self._engine.begin() as conn:
            forget_attempts(conn, job_id)

    def forget_ended(self, before_ms: int) -> None:
        """Leave no trace of what ended before that moment, in milliseconds of Unix time."""
        client, status = self._warm_client(), workflow_status(self._engine)
        ended = (
            sa.select(status.c.workflow_uuid)
            .where(status.c.completed_at < before_ms, status.c.parent_workflow_id.is_(None))
            .limit(_BATCH)
        )
        while True:
            with reading(self._engine) as conn:
                ids = list(conn.execute(ended).scalars())
            if not ids:
                return
            client.delete_workflows(ids, delete_children=True)
            with self._engine.begin() as conn:
                for workflow_id in ids:
                    forget_attempts(conn, workflow_id)

    def forget_stray_attempts(self) -> None:
        """Count no attempts of jobs that were forgotten: a part that waited may have begun then."""
        status = workflow_status(self._engine)
        with reading(self._engine) as conn:
            attempted = list_attempted(conn)  # first: no workflow of theirs can be made later
        for i in range(0, len(attempted), _BATCH):
            batch = attempted[i : i + _BATCH]
            ids = [*batch, *map(webhook_workflow_id, batch)]
            known = sa.select(status.c.workflow_uuid).where(status.c.workflow_uuid.in_(ids))
            with self._engine.begin() as conn:
                found = set(conn.execute(known).scalars())
                for job_id in batch:
                    if found.isdisjoint((job_id, webhook_workflow_id(job_id))):
                        forget_attempts(conn, job_id)

    def without_workflow(self, job_ids: Sequence[str]) -> list[str]:
        """Those of the jobs that nothing is left to run: their workflow ended, or is gone."""
        self.warm()
        status = workflow_status(self._engine)
        found: set[str] = set()
        for i in range(0, len(job_ids), _BATCH):
            alive = sa.select(status.c.workflow_uuid).where(
                status.c.workflow_uuid.in_(job_ids[i : i + _BATCH]),
                status.c.status.in_(_UNDER_WAY),
            )
            with reading(self._engine) as conn:
                found.update(conn.execute(alive).scalars())
        return [job_id for job_id in job_ids if job_id not in found]

    def ensure_sweep(self, bucket: int) -> None:
        """Enqueue the sweep of that interval, unless it ever was before."""
        self._warm_client().enqueue(_options(SWEEP, CHORES, f"{SWEEP}:{bucket}"))

    def register_queues(self, policy: QueuePolicy) -> None:
        """Write down the queues and their limits, for every worker to go by."""
        client = self._warm_client()
        client.register_queue(
            JOBS,
            partition_concurrency=policy.jobs_per_account,
            worker_concurrency=policy.jobs_per_worker,
            partition_worker_concurrency=min(
                policy.jobs_per_account_and_worker,
                policy.jobs_per_account,
                policy.jobs_per_worker,
            ),
            polling_interval_sec=policy.poll_s,
        )
        client.register_queue(
            PARTS,
            worker_concurrency=policy.parts_at_hand,
            polling_interval_sec=policy.poll_s,
        )
        client.register_queue(
            WEBHOOKS,
            worker_concurrency=policy.webhooks_per_worker,
            polling_interval_sec=policy.poll_s,
        )
        client.register_queue(CHORES, polling_interval_sec=policy.poll_s)

    def load(self, account_id: str) -> int:
        """How many of the account's jobs wait or run."""
        self.warm()
        status = workflow_status(self._engine)
        counted = (
            sa.select(sa.func.count())
            .select_from(status)
            .where(
                status.c.queue_name == JOBS,
                status.c.queue_partition_key == account_id,
                status.c.status.in_(_UNDER_WAY),
            )
        )
        with reading(self._engine) as conn:
            count: int = conn.execute(counted).scalar_one()
            return count

    def _warm_client(self) -> "DBOSClient":
        self.warm()
        return self._client()

    def _client(self) -> "DBOSClient":
        from dbos import DBOSClient  # here, for it takes longer than all of ours to import

        with self._connecting:
            if self._connected is None:
                tame_engine_log()
                self._engine_database = open_engine_database(self._engine)
                self._connected = DBOSClient(
                    system_database_engine=self._engine_database,
                    dbos_system_schema=SCHEMA,
                    application_name=APPLICATION,
                    lazy=True,
                    # A database that is out of reach is an answer to give, not a wait to sit out.
                    retry_connection_errors=False,
                )
            return self._connected


def _require_under_way(status: "sa.CursorResult[Any]") -> None:
    met: str | None = status.scalar_one_or_none()
    if met not in _UNDER_WAY:
        raise TransitionImpossible(expected="under way", met=met or "nothing")


def part_rank(rank: int, part_index: int) -> int:
    """The rank of a part, of which smaller ones go first, in a job of that rank."""
    return rank * _PARTS_PER_RANK + min(part_index, _PARTS_PER_RANK - 1)


def _options(workflow_name: str, queue_name: str, workflow_id: str) -> "EnqueueOptions":
    from dbos import WorkflowSerializationFormat

    return {
        "workflow_name": workflow_name,
        "queue_name": queue_name,
        "workflow_id": workflow_id,
        "app_version": APPLICATION_VERSION,
        "serialization_type": WorkflowSerializationFormat.PORTABLE,
    }
