"""Which worker processes there are, and whether any of them takes jobs."""

import functools

import sqlalchemy as sa

from earshot.jobs.locks import LifeLocks, open_locks
from earshot.storage.database import reading
from earshot.storage.workers import list_workers


def any_worker_ready(engine: sa.Engine) -> bool:
    """Whether a living worker has its models loaded and takes jobs; cheap enough to ask often."""
    with reading(engine) as conn:
        ready = [row.executor_id for row in list_workers(conn) if row.ready_at is not None]
    return bool(ready) and bool(_locks(engine).held(ready))


@functools.cache
def _locks(engine: sa.Engine) -> LifeLocks:
    return open_locks(engine)
