import queue
import threading
import time
from contextlib import closing

import pytest
import sqlalchemy as sa

from earshot.jobs.doorbell import Doorbell, Listener, watch_for_work
from earshot.jobs.queue import JobQueue
from earshot.storage.schema import projects
from earshot.transcript.clock import utc_now


def test_a_ring_cuts_a_long_wait_short() -> None:
    bell = Doorbell()
    listener = Listener(bell, "jobs")
    assert listener.wait(60.0) is False  # at once: it may have missed rings before it came to be
    threading.Timer(0.05, bell.ring).start()
    began_s = time.monotonic()
    while bell.n_rings("jobs") == 0:
        assert listener.wait(60.0) is False
    assert time.monotonic() - began_s < 30.0


def test_a_ring_during_the_look_before_is_not_missed() -> None:
    bell = Doorbell()
    listener = Listener(bell, "jobs")
    listener.wait(60.0)
    bell.ring()
    began_s = time.monotonic()
    listener.wait(60.0)
    assert time.monotonic() - began_s < 30.0


def test_a_ring_is_left_for_later_while_there_is_no_room() -> None:
    bell = Doorbell()
    has_room = True
    listener = Listener(bell, "parts", lambda: has_room)
    listener.wait(60.0)
    has_room = False
    bell.ring("parts")
    began_s = time.monotonic()
    listener.wait(0.5)
    assert time.monotonic() - began_s >= 0.5
    has_room = True
    listener.wait(60.0)  # no ring since: the one that was left
    assert time.monotonic() - began_s < 30.0


def test_being_told_to_stop_ends_the_wait_where_there_is_no_room() -> None:
    bell = Doorbell()
    listener = Listener(bell, "parts", lambda: False)
    threading.Timer(0.05, listener.set).start()
    began_s = time.monotonic()
    assert listener.wait(60.0) is True
    assert time.monotonic() - began_s < 30.0


def test_being_told_to_stop_ends_the_wait() -> None:
    bell = Doorbell()
    listener = Listener(bell, "jobs")
    listener.wait(60.0)
    threading.Timer(0.05, listener.set).start()
    while not listener.wait(60.0):
        pass
    assert listener.is_set()


def test_a_ring_for_another_queue_is_not_heard() -> None:
    bell = Doorbell()
    listener = Listener(bell, "jobs")
    listener.wait(60.0)
    bell.ring("parts")
    assert (bell.n_rings("jobs"), bell.n_rings("parts")) == (0, 1)
    bell.ring()
    assert (bell.n_rings("jobs"), bell.n_rings("parts")) == (1, 2)


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.slow
def test_work_that_is_committed_elsewhere_rings_for_its_queue(engine: sa.Engine) -> None:
    rung: queue.Queue[str] = queue.Queue()
    stopping = threading.Event()
    with closing(JobQueue(engine)) as jobs:
        jobs.warm()
        watch = threading.Thread(target=watch_for_work, args=(engine, rung.put, stopping))
        watch.start()
        time.sleep(0.5)  # until it listens
        with engine.begin() as conn:
            conn.execute(projects.insert().values(id="p", name="p", created_at=utc_now()))
        with engine.begin() as conn:
            jobs.submit(conn, "job", account_id="p")
        assert rung.get(timeout=10.0) == "jobs"
        jobs.offer_parts("job", 1, [0])
        while rung.get(timeout=10.0) != "parts":
            pass
    stopping.set()
    watch.join()
