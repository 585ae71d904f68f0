"""Handing work over and taking it back: what the API and the command line use."""

import threading

import sqlalchemy as sa
from dbos import DBOSClient, EnqueueOptions, WorkflowSerializationFormat

from earshot.jobs.engine_log import tame_engine_log
from earshot.jobs.names import (
    APPLICATION,
    APPLICATION_VERSION,
    DELIVER_WEBHOOK,
    JOBS,
    RUN_JOB,
    WEBHOOKS,
    part_workflow_id,
    webhook_workflow_id,
)
from earshot.jobs.tables import (
    SCHEMA,
    open_engine_database,
    prepare_job_tables,
    workflow_status,
)
from earshot.storage.database import reading
from earshot.storage.job_attempts import forget_attempts

# The engine runs smaller numbers first, from 1 on; ours are the other way round, around 0.
_NEUTRAL_RANK = 1000
_UNDER_WAY = ("ENQUEUED", "PENDING")


class JobQueue:
    """Jobs of the installation that shares this database."""

    def __init__(self, engine: sa.Engine) -> None:
        """Nothing is connected to before it is needed; `warm` does it ahead of time."""
        self._engine = engine
        self._lock = threading.Lock()
        self._engine_database: sa.Engine | None = None
        self._connected: DBOSClient | None = None

    def warm(self) -> None:
        """Connect now, and make the engine's tables, so that the first job need not wait for it."""
        self._client()

    def close(self) -> None:
        with self._lock:
            if self._connected is not None:
                self._connected.destroy()
                self._connected = None
            if self._engine_database not in {None, self._engine}:
                assert self._engine_database is not None
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

    def announce(self, conn: sa.Connection, job_id: str) -> None:
        """Enqueue the job's webhook in the caller's transaction, unless it ever was before."""
        options = _options(DELIVER_WEBHOOK, WEBHOOKS, webhook_workflow_id(job_id))
        self._client().enqueue_in_transaction(conn, options, job_id)

    def cancel(self, job_id: str) -> None:
        """Stop the job and its parts: what waits is not begun, what runs is not followed up.

        A step that is running goes on to its end, and its handler meets TransitionImpossible if
        the record it works for was ended, as it should be, before this call.
        """
        self._client().cancel_workflows([job_id], cancel_children=True)

    def cancel_parts(self, job_id: str, n_parts: int, *, spared: int) -> None:
        """Stop all parts of the job but one."""
        others = [part_workflow_id(job_id, i) for i in range(n_parts) if i != spared]
        if others:
            self._client().cancel_workflows(others)

    def forget(self, job_id: str) -> None:
        """Leave no trace of the job, its parts and its webhook in the queue's tables."""
        ids = [job_id, webhook_workflow_id(job_id)]
        self._client().delete_workflows(ids, delete_children=True)
        with self._engine.begin() as conn:
            forget_attempts(conn, job_id)

    def load(self, account_id: str) -> int:
        """How many of the account's jobs wait or run."""
        self._client()
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

    def _client(self) -> DBOSClient:
        with self._lock:
            if self._connected is None:
                tame_engine_log()
                prepare_job_tables(self._engine)
                self._engine_database = open_engine_database(self._engine)
                self._connected = DBOSClient(
                    system_database_engine=self._engine_database,
                    dbos_system_schema=SCHEMA,
                    application_name=APPLICATION,
                    # A database that is out of reach is an answer to give, not a wait to sit out.
                    retry_connection_errors=False,
                )
            return self._connected


def _options(workflow_name: str, queue_name: str, workflow_id: str) -> EnqueueOptions:
    return EnqueueOptions(
        workflow_name=workflow_name,
        queue_name=queue_name,
        workflow_id=workflow_id,
        app_version=APPLICATION_VERSION,
        serialization_type=WorkflowSerializationFormat.PORTABLE,
    )
