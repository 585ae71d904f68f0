import sqlalchemy as sa

from earshot.jobs.locks import open_locks
from earshot.jobs.workers import any_worker_ready
from earshot.storage.workers import insert_worker, mark_worker_ready
from earshot.transcript.clock import utc_now


def test_a_worker_is_ready_once_it_says_so_and_while_it_lives(engine: sa.Engine) -> None:
    locks = open_locks(engine)
    assert not any_worker_ready(engine)
    locks.try_hold("w")
    with engine.begin() as conn:
        insert_worker(conn, "w", utc_now())
    assert not any_worker_ready(engine)
    with engine.begin() as conn:
        mark_worker_ready(conn, "w", utc_now())
    assert any_worker_ready(engine)
    locks.release("w")  # not by closing them: PostgreSQL may take a moment over that
    assert not any_worker_ready(engine)
    locks.close()
