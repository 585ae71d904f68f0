"""Handing over what the dead have left unfinished."""

import logging
from collections.abc import Callable, Iterable

import sqlalchemy as sa

from earshot.jobs.locks import LifeLocks
from earshot.jobs.tables import workflow_status
from earshot.storage.database import reading
from earshot.storage.workers import delete_worker, list_workers

_log = logging.getLogger(__name__)


class Reaper:
    """Looks, sweep after sweep, for work that belongs to nobody alive.

    Never once and for all: a worker may die while it takes over from another.
    """

    def __init__(
        self,
        engine: sa.Engine,
        locks: LifeLocks,
        hand_over: Callable[[list[str]], None],
        grace_s: float,
        own_id: str,
    ) -> None:
        """`hand_over` makes the unfinished work of those executors available to everybody.

        `own_id` is the executor that looks: whatever became of its lock, it is not dead.
        """
        self._engine = engine
        self._locks = locks
        self._hand_over = hand_over
        self._grace_s = grace_s
        self._own_id = own_id
        self._missed_since: dict[str, float] = {}

    def sweep(self, now_s: float) -> list[str]:
        """Hand over the work of those gone for longer than the grace, and return their ids."""
        try:
            owners, listed = self._owners(), self._listed()
            known = (owners | listed) - {self._own_id}
            gone = known - self._locks.held(known)
        except BaseException:
            self._missed_since.clear()  # a database that was away had everybody's locks fall
            raise
        self._missed_since = {
            executor_id: self._missed_since.get(executor_id, now_s) for executor_id in gone
        }
        dead = [
            executor_id
            for executor_id, since_s in self._missed_since.items()
            if now_s - since_s >= self._grace_s
        ]
        bereft = [executor_id for executor_id in dead if executor_id in owners]
        if bereft:
            _log.warning("worker_died", extra={"executor_ids": bereft})
            self._hand_over(bereft)
        self._bury(executor_id for executor_id in dead if executor_id in listed)
        return bereft

    def _owners(self) -> set[str]:
        status = workflow_status(self._engine)
        query = (
            sa.select(status.c.executor_id)
            .where(status.c.status == "PENDING", status.c.executor_id.is_not(None))
            .distinct()
        )
        with reading(self._engine) as conn:
            return set(conn.execute(query).scalars())

    def _listed(self) -> set[str]:
        with reading(self._engine) as conn:
            return {row.executor_id for row in list_workers(conn)}

    def _bury(self, executor_ids: Iterable[str]) -> None:
        for executor_id in executor_ids:
            with self._engine.begin() as conn:
                delete_worker(conn, executor_id)
            self._locks.discard(executor_id)
