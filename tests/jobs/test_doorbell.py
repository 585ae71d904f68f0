import threading
import time

import pytest
import sqlalchemy as sa

from earshot.jobs.doorbell import Doorbell, Listener, ring_others, watch_for_work
from earshot.storage.schema import projects
from earshot.transcript.clock import utc_now


def test_a_ring_cuts_a_long_wait_short() -> None:
    bell = Doorbell()
    listener = Listener(bell)
    assert listener.wait(60.0) is False  # at once: it may have missed rings before it came to be
    threading.Timer(0.05, bell.ring).start()
    began_s = time.monotonic()
    while bell.n_rings == 0:
        assert listener.wait(60.0) is False
    assert time.monotonic() - began_s < 30.0


def test_a_ring_during_the_look_before_is_not_missed() -> None:
    bell = Doorbell()
    listener = Listener(bell)
    listener.wait(60.0)
    bell.ring()
    began_s = time.monotonic()
    listener.wait(60.0)
    assert time.monotonic() - began_s < 30.0


def test_being_told_to_stop_ends_the_wait() -> None:
    bell = Doorbell()
    listener = Listener(bell)
    listener.wait(60.0)
    threading.Timer(0.05, listener.set).start()
    while not listener.wait(60.0):
        pass
    assert listener.is_set()


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.slow
def test_a_commit_elsewhere_rings(engine: sa.Engine) -> None:
    rung, stopping = threading.Event(), threading.Event()
    watch = threading.Thread(target=watch_for_work, args=(engine, rung.set, stopping))
    watch.start()
    time.sleep(0.5)  # SQLite's watcher rings once as it begins
    rung.clear()
    with engine.begin() as conn:
        conn.execute(projects.insert().values(id="p", name="p", created_at=utc_now()))
        ring_others(conn)
    assert rung.wait(10.0)
    stopping.set()
    watch.join()
