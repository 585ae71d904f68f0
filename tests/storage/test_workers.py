import sqlalchemy as sa

from earshot.storage.workers import (
    WorkerRow,
    delete_worker,
    insert_worker,
    list_workers,
    mark_worker_ready,
)
from earshot.transcript.clock import utc_now


def test_a_worker_is_listed_from_its_start_to_its_goodbye(engine: sa.Engine) -> None:
    now = utc_now()
    with engine.begin() as conn:
        insert_worker(conn, "w", now)
        assert list_workers(conn) == [WorkerRow("w", now, None)]
        mark_worker_ready(conn, "w", now)
        assert list_workers(conn) == [WorkerRow("w", now, now)]
        delete_worker(conn, "w")
        assert list_workers(conn) == []
