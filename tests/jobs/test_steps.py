import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from typing_extensions import override

from earshot.errors import (
    AudioTooShort,
    DatabaseUnavailable,
    ExtraMissing,
    JobAttemptsExhausted,
    TransitionImpossible,
)
from earshot.jobs.handlers import Announce, DeliveryVerdict, Offer
from earshot.jobs.patience import WorkerStopping
from earshot.jobs.policy import QueuePolicy
from earshot.jobs.steps import StepRunner
from earshot.jobs.watchdog import Watchdog
from earshot.storage.database import open_database, upgrade_schema
from earshot.storage.job_attempts import attempts_begun, count_attempt


class Handlers:
    """Remembers how jobs failed; `fail` itself fails as often as it is told."""

    def __init__(self, fail_errors: list[Exception] | None = None) -> None:
        self.failed: list[Exception] = []
        self._fail_errors = fail_errors or []

    def prepare(self, job_id: str, offer: Offer) -> int:
        raise NotImplementedError(job_id, offer)

    def run_part(self, job_id: str, part_index: int) -> None:
        raise NotImplementedError(job_id, part_index)

    def finish(self, job_id: str, announce: Announce) -> bool:
        raise NotImplementedError(job_id, announce)

    def ask(self, job_id: str) -> None:
        raise NotImplementedError(job_id)

    def fail(self, job_id: str, error: Exception, announce: Announce) -> None:
        assert job_id == "job"
        assert announce is ignore
        if self._fail_errors:
            raise self._fail_errors.pop()
        self.failed.append(error)

    def deliver(self, job_id: str, attempt: int, message_index: int) -> DeliveryVerdict:
        raise NotImplementedError(job_id, attempt, message_index)

    def sweep(self) -> None:
        raise NotImplementedError

    def under_way(self) -> Sequence[str]:
        raise NotImplementedError


def ignore(_conn: sa.Connection) -> None:
    """Announce nothing."""


class Scene:
    def __init__(self, folder: Path, handlers: Handlers, outage_limit_s: float = 600.0) -> None:
        engine = open_database(f"sqlite:///{folder / 'earshot.db'}")
        upgrade_schema(engine)
        self.engine = engine
        self.stopping = threading.Event()
        self.room = threading.BoundedSemaphore(1)
        self.n_calls = 0
        watchdog = Watchdog(lambda: 0.0, lambda: None)
        policy = QueuePolicy(retry_delay_s=0.0, outage_limit_s=outage_limit_s)
        self.runner = StepRunner(engine, handlers, policy, watchdog, self.stopping)

    def run(self, work: Callable[[int], str]) -> str | None:
        def counted() -> str:
            self.n_calls += 1
            return work(self.n_calls)

        return self.runner.run("job", "prepare", 1.0, counted, ignore, self.room)


def raising(*errors: BaseException) -> Callable[[int], str]:
    def work(call: int) -> str:
        if call <= len(errors):
            raise errors[call - 1]
        return "done"

    return work


def test_work_that_succeeds_at_last_has_not_failed(tmp_path: Path) -> None:
    handlers = Handlers()
    scene = Scene(tmp_path, handlers)
    assert scene.run(raising(ValueError(), OSError())) == "done"
    assert handlers.failed == []


def test_the_last_of_three_attempts_fails_the_job(tmp_path: Path) -> None:
    handlers = Handlers()
    scene = Scene(tmp_path, handlers)
    assert scene.run(raising(*[ValueError()] * 9)) is None
    assert scene.n_calls == 3
    assert [type(error) for error in handlers.failed] == [JobAttemptsExhausted]


def test_a_library_that_panics_has_failed_like_any_other(tmp_path: Path) -> None:
    panic = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})
    handlers = Handlers()
    scene = Scene(tmp_path, handlers)
    assert scene.run(raising(panic())) == "done"
    assert scene.run(raising(*[panic()] * 9)) is None
    assert [type(error) for error in handlers.failed] == [JobAttemptsExhausted]


def test_what_ends_the_process_is_no_error_of_the_job(tmp_path: Path) -> None:
    handlers = Handlers()
    with pytest.raises(KeyboardInterrupt):
        Scene(tmp_path, handlers).run(raising(KeyboardInterrupt()))
    assert handlers.failed == []


def test_what_lacks_in_the_installation_is_told_to_the_operator(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def recognize(_: int) -> str:
        raise ExtraMissing("whisper", "faster-whisper")

    Scene(tmp_path, Handlers()).run(recognize)
    records = [record for record in caplog.records if record.name == "earshot.jobs.steps"]
    assert [record.msg for record in records] == ["step_failed"] * 3 + ["job_failed"]
    for record in records:
        assert vars(record)["code"] == "extra_missing"
        assert "pip install -e '.[whisper]'" in vars(record)["reason"]


def test_the_words_of_any_other_error_are_not_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def recognize(_: int) -> str:
        raise RuntimeError("what somebody said")

    Scene(tmp_path, Handlers()).run(recognize)
    assert "job_failed" in caplog.text
    assert all("reason" not in vars(record) for record in caplog.records)


def test_a_callers_mistake_fails_the_job_at_once(tmp_path: Path) -> None:
    handlers = Handlers()
    scene = Scene(tmp_path, handlers)
    assert scene.run(raising(AudioTooShort())) is None
    assert scene.n_calls == 1
    assert [type(error) for error in handlers.failed] == [AudioTooShort]


def test_a_job_that_was_ended_elsewhere_ends_quietly(tmp_path: Path) -> None:
    handlers = Handlers()
    scene = Scene(tmp_path, handlers)
    ended = TransitionImpossible(expected="processing", met="error")
    assert scene.run(raising(ended)) is None
    assert (scene.n_calls, handlers.failed) == (1, [])


def test_attempts_that_ended_the_process_count_too(tmp_path: Path) -> None:
    handlers = Handlers()
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            Scene(tmp_path, handlers).run(raising(KeyboardInterrupt()))
    scene = Scene(tmp_path, handlers)
    assert scene.run(raising()) is None
    assert scene.n_calls == 0
    assert [type(error) for error in handlers.failed] == [JobAttemptsExhausted]


def test_steps_that_were_under_way_at_a_death_run_one_at_a_time(tmp_path: Path) -> None:
    scene = Scene(tmp_path, Handlers())
    scene.room = threading.BoundedSemaphore(3)
    with scene.engine.begin() as conn:
        for job_id in ("poison", "bystander"):
            count_attempt(conn, job_id, "prepare")
    begun = {job_id: threading.Event() for job_id in ("poison", "bystander", "fresh")}
    go_on = threading.Event()

    def run(job_id: str) -> str | None:
        def work() -> str:
            begun[job_id].set()
            assert go_on.wait(10)
            return job_id

        return scene.runner.run(job_id, "prepare", 60.0, work, ignore, scene.room)

    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(run, "poison")
        assert begun["poison"].wait(10)
        others = [threads.submit(run, job_id) for job_id in ("bystander", "fresh")]
        assert begun["fresh"].wait(10)
        assert not begun["bystander"].wait(0.1)
        with scene.engine.begin() as conn:
            assert attempts_begun(conn, "bystander", "prepare") == 1
        go_on.set()
        assert [one.result(10) for one in (first, *others)] == ["poison", "bystander", "fresh"]


def test_a_suspect_that_succeeds_is_no_attempt_should_its_worker_die_before_it_is_recorded(
    tmp_path: Path,
) -> None:
    scene = Scene(tmp_path, Handlers())
    with scene.engine.begin() as conn:
        count_attempt(conn, "job", "prepare")
    for _ in range(3):
        assert scene.run(raising()) == "done"
        with scene.engine.begin() as conn:
            assert attempts_begun(conn, "job", "prepare") == 1


def test_a_step_that_ends_its_worker_just_after_it_succeeds_is_given_up(tmp_path: Path) -> None:
    handlers = Handlers()
    scene = Scene(tmp_path, handlers)
    with scene.engine.begin() as conn:
        count_attempt(conn, "job", "prepare")
    results = [scene.run(raising()) for _ in range(6)]
    assert results == ["done"] * 5 + [None]
    assert [type(error) for error in handlers.failed] == [JobAttemptsExhausted]


def test_a_job_comes_back_to_a_step_no_more_often_than_there_are_attempts(tmp_path: Path) -> None:
    handlers = Handlers()
    scene = Scene(tmp_path, handlers)

    def run() -> str | None:
        return scene.runner.run(
            "job", "ask", 1.0, lambda: "done", ignore, scene.room, is_repeated=True
        )

    assert [run() for _ in range(4)] == ["done"] * 3 + [None]
    assert [type(error) for error in handlers.failed] == [JobAttemptsExhausted]


def test_failing_is_itself_tried_until_it_succeeds(tmp_path: Path) -> None:
    handlers = Handlers([OSError()] * 50)
    assert Scene(tmp_path, handlers).run(raising(AudioTooShort())) is None
    assert len(handlers.failed) == 1


def test_failing_what_was_ended_elsewhere_is_not_insisted_on(tmp_path: Path) -> None:
    handlers = Handlers([TransitionImpossible(expected="processing", met="completed")])
    assert Scene(tmp_path, handlers).run(raising(AudioTooShort())) is None
    assert handlers.failed == []


def test_a_job_that_is_being_failed_takes_no_room(tmp_path: Path) -> None:
    room_was_free: list[bool] = []

    class Watching(Handlers):
        @override
        def fail(self, job_id: str, error: Exception, announce: Announce) -> None:
            room_was_free.append(scene.room.acquire(blocking=False))

    scene = Scene(tmp_path, Watching())
    assert scene.run(raising(AudioTooShort())) is None
    assert room_was_free == [True]


def test_failing_is_not_tried_again_by_a_worker_that_stops(tmp_path: Path) -> None:
    scene = Scene(tmp_path, Handlers([OSError()] * 50))

    def work(_call: int) -> str:
        scene.stopping.set()
        raise AudioTooShort

    with pytest.raises(WorkerStopping):
        scene.run(work)


@pytest.mark.parametrize(
    "error", [DatabaseUnavailable(), sa.exc.OperationalError("SELECT", {}, OSError())]
)
def test_an_outage_of_the_database_is_no_attempt(tmp_path: Path, error: Exception) -> None:
    handlers = Handlers()
    scene = Scene(tmp_path, handlers)
    assert scene.run(raising(ValueError(), *[error] * 20, ValueError())) == "done"
    assert handlers.failed == []


def test_an_outage_that_does_not_end_fails_the_job(tmp_path: Path) -> None:
    handlers = Handlers()
    scene = Scene(tmp_path, handlers, outage_limit_s=0.0)
    assert scene.run(raising(*[DatabaseUnavailable()] * 9)) is None
    assert scene.n_calls == 3
    assert [type(error) for error in handlers.failed] == [JobAttemptsExhausted]


def test_a_step_waits_for_a_database_that_is_locked_when_it_begins(tmp_path: Path) -> None:
    handlers = Handlers()
    scene = Scene(tmp_path, handlers)
    has_refused = threading.Event()

    def refuse_once(_conn: sa.Connection) -> None:
        if not has_refused.is_set():
            has_refused.set()
            raise sa.exc.OperationalError("BEGIN", {}, OSError("database is locked"))

    sa.event.listen(scene.engine, "begin", refuse_once, insert=True)
    assert scene.run(raising()) == "done"
    assert has_refused.is_set()
    assert handlers.failed == []


def test_an_attempt_that_an_orderly_stop_ended_does_not_count(tmp_path: Path) -> None:
    handlers = Handlers()
    for _ in range(9):
        scene = Scene(tmp_path, handlers)

        def work(_call: int, scene: Scene = scene) -> str:
            scene.runner.take_back_running()
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            scene.run(work)
    assert Scene(tmp_path, handlers).run(raising()) == "done"


def test_a_worker_that_is_stopping_begins_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path, Handlers())
    scene.stopping.set()
    with pytest.raises(WorkerStopping):
        scene.run(raising())
    assert scene.n_calls == 0
