"""A worker: takes jobs and parts, and looks after what other workers leave behind."""

import faulthandler
import logging
import os
import threading
import time
import uuid
from collections.abc import Callable

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig
from dbos._queue import queue_worker_thread

from earshot.jobs import names, workflows
from earshot.jobs.doorbell import Doorbell, Listener, watch_for_work
from earshot.jobs.engine_log import tame_engine_log
from earshot.jobs.handlers import JobHandlers
from earshot.jobs.locks import open_locks
from earshot.jobs.policy import QueuePolicy
from earshot.jobs.queue import JobQueue
from earshot.jobs.reaper import Reaper
from earshot.jobs.steps import StepRunner
from earshot.jobs.tables import SCHEMA, open_engine_database
from earshot.jobs.watchdog import Watchdog
from earshot.storage.database import reading
from earshot.storage.workers import (
    delete_worker,
    insert_worker,
    list_workers,
    mark_worker_ready,
)
from earshot.transcript.clock import Clock, utc_now

_log = logging.getLogger(__name__)
_ROUND_S = 0.5  # between two looks at the dead, the stuck and the idle
_JOBS_LISTENER = "jobs-listener"
# Threads beyond those of jobs and parts: webhooks being sent, and the engine's own.
_SPARE_THREADS = 48
# A worker that holds the interpreter's lock for that long cannot even watch itself.
_FROZEN_S = 900.0
_EXIT_STUCK = 70  # EX_SOFTWARE


def end_process() -> None:
    """End this process at once: its locks fall, and others take its work over."""
    logging.shutdown()
    os._exit(_EXIT_STUCK)


class JobWorker:
    """Runs jobs in this process, of which it must be the only one."""

    def __init__(
        self,
        engine: sa.Engine,
        policy: QueuePolicy,
        handlers: JobHandlers,
        *,
        clock: Clock = utc_now,
        end_process: Callable[[], None] = end_process,
    ) -> None:
        """`end_process` is called when a step has run for longer than it may."""
        self._engine = engine
        self._policy = policy
        self._clock = clock
        # Never used twice: the dead are known by it.
        self.executor_id = uuid.uuid4().hex
        self._stopping = threading.Event()
        self._locks = open_locks(engine)
        self._bell = Doorbell()
        self._queue = JobQueue(engine)
        self._watchdog = Watchdog(time.monotonic, end_process)
        self._steps = StepRunner(engine, handlers, policy, self._watchdog, self._stopping)
        self._runner = workflows.JobRunner(
            engine,
            handlers,
            policy,
            self._queue,
            self._steps,
            self._stopping,
            self._bell.ring,
            clock,
        )
        self._reaper = Reaper(
            engine, self._locks, self._hand_over, policy.handover_grace_s, self.executor_id
        )
        self._listeners: dict[str, tuple[Listener, threading.Thread]] = {}
        self._swept_bucket: int | None = None
        self._helpers = [
            threading.Thread(target=self._keep_house, daemon=True),
            threading.Thread(
                target=watch_for_work, args=(engine, self._bell.ring, self._stopping), daemon=True
            ),
        ]
        self._dbos: DBOS | None = None

    def start(self) -> None:
        """Begin to take jobs, and say that this worker is ready; returns at once."""
        tame_engine_log()
        self._queue.warm()
        if not self._locks.try_hold(self.executor_id):
            raise RuntimeError("somebody else holds the lock of a fresh executor id")
        with self._engine.begin() as conn:
            insert_worker(conn, self.executor_id, self._clock())
        self._queue.register_queues(self._policy)
        workflows.install(self._runner)
        self._launch()
        self._reaper.sweep(time.monotonic())  # the grace of those who died before runs from here
        for helper in self._helpers:
            helper.start()
        with self._engine.begin() as conn:
            mark_worker_ready(conn, self.executor_id, self._clock())
        _log.info("worker_started", extra={"executor_id": self.executor_id})

    def stop(self, timeout_s: float = 10.0) -> None:
        """Take no more work, let running steps end, and leave the rest to others.

        Threads that did not end in time are still there afterwards; end the process with `os._exit`
        rather than wait for them.
        """
        self._stopping.set()
        deadline_s = time.monotonic() + timeout_s
        while self._watchdog.running() and time.monotonic() < deadline_s:
            time.sleep(0.05)
        self._quietly(self._steps.take_back_running)
        self._join()
        DBOS.destroy()
        workflows.install(None)
        self._say_goodbye()
        self._queue.close()
        _log.info("worker_stopped", extra={"executor_id": self.executor_id})

    def _say_goodbye(self) -> None:
        def delete_row() -> None:
            with self._engine.begin() as conn:
                delete_worker(conn, self.executor_id)
            self._locks.release(self.executor_id)

        self._quietly(delete_row)
        self._locks.discard(self.executor_id)
        self._locks.close()

    def _quietly(self, act: Callable[[], None]) -> None:
        """A database that is away must not keep a worker from stopping; others clean up then."""
        try:
            act()
        except sa.exc.SQLAlchemyError as error:
            _log.warning("stop_incomplete", extra={"error": type(error).__name__})

    def _join(self) -> None:
        for helper in self._helpers:
            helper.join()
        for listener, _ in self._listeners.values():
            listener.set()
        for _, thread in self._listeners.values():
            thread.join()

    def _launch(self) -> None:
        policy = self._policy
        n_threads = policy.jobs_per_worker + policy.parts_at_hand + _SPARE_THREADS
        config = DBOSConfig(
            name=names.APPLICATION,
            system_database_url=self._engine.url.render_as_string(hide_password=False),
            system_database_engine=open_engine_database(self._engine),
            dbos_system_schema=SCHEMA,
            application_version=names.APPLICATION_VERSION,
            executor_id=self.executor_id,
            run_migrations=False,
            enable_otlp=False,
            log_level="WARNING",
            max_executor_threads=n_threads,
        )
        self._dbos = DBOS(config=config)
        DBOS.listen_queues([])  # not by threads that only the clock wakes: see `_listen`
        DBOS.launch()
        for queue_name in (names.PARTS, names.WEBHOOKS, names.CHORES):
            self._listen(queue_name)
        self._listen_to_jobs()

    def _listen_to_jobs(self) -> None:
        # On SQLite the engine counts an account's running jobs and claims the next in two steps;
        # two processes at it could both find room for the last one. So only one listens at a time.
        if names.JOBS in self._listeners:
            return
        if self._engine.dialect.name != "sqlite" or self._locks.try_hold(_JOBS_LISTENER):
            self._listen(names.JOBS)

    def _listen(self, queue_name: str) -> None:
        queue = DBOS.retrieve_queue(queue_name)
        assert queue is not None
        listener = Listener(self._bell, queue_name, lambda: self._runner.has_room(queue_name))
        thread = threading.Thread(
            target=queue_worker_thread,
            args=(listener, self._dbos, queue),
            name=f"listen-{queue_name}",
            daemon=True,
        )
        thread.start()
        self._listeners[queue_name] = listener, thread

    def _keep_house(self) -> None:
        while not self._stopping.wait(_ROUND_S):
            faulthandler.dump_traceback_later(_FROZEN_S, exit=True)
            now_s = time.monotonic()
            self._watchdog.check()
            try:
                self._locks.renew()
                self._stay_listed()
                self._reaper.sweep(now_s)
                self._listen_to_jobs()
                self._ensure_sweep()
            except Exception as error:  # noqa: BLE001 - this thread outlives a database's restart
                _log.warning("housekeeping_failed", extra={"error": type(error).__name__})
        faulthandler.cancel_dump_traceback_later()

    def _stay_listed(self) -> None:
        """Undo it when others took this process for dead while its lock was lost."""
        with reading(self._engine) as conn:
            if any(row.executor_id == self.executor_id for row in list_workers(conn)):
                return
        with self._engine.begin() as conn:
            insert_worker(conn, self.executor_id, self._clock())
            mark_worker_ready(conn, self.executor_id, self._clock())
        _log.warning("worker_listed_again", extra={"executor_id": self.executor_id})

    def _ensure_sweep(self) -> None:
        bucket = int(self._clock().timestamp() // self._policy.sweep_interval_s)
        if bucket != self._swept_bucket:
            self._queue.ensure_sweep(bucket)
            self._swept_bucket = bucket

    def _hand_over(self, executor_ids: list[str]) -> None:
        DBOS._recover_pending_workflows(executor_ids)
        self._queue.ring()
