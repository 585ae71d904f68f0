import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from earshot.jobs.suspects import Suspects


class Scene:
    """Steps that work until they are told to go on; of three attempts each."""

    def __init__(self) -> None:
        self._suspects = Suspects(3)
        self._threads = ThreadPoolExecutor(8)
        self.cores, self.decoders = threading.Semaphore(8), threading.Semaphore(8)
        self._go_on: list[threading.Event] = []

    def begin(self, n_begun: int, room: threading.Semaphore, job_id: str = "") -> "Step":
        """A step of that job, or of one of its own."""
        working, go_on = threading.Event(), threading.Event()
        self._go_on.append(go_on)
        owner = job_id or f"job {len(self._go_on)}"

        def work() -> None:
            with self._suspects.apart(owner, n_begun, room):
                working.set()
                assert go_on.wait(10)

        return Step(working, go_on, self._threads.submit(work))

    def close(self) -> None:
        for go_on in self._go_on:
            go_on.set()
        self._threads.shutdown()


class Step:
    def __init__(
        self, working: threading.Event, go_on: threading.Event, ended: "Future[None]"
    ) -> None:
        self._working, self._go_on, self._ended = working, go_on, ended

    def works(self) -> bool:
        return self._working.wait(10)

    def waits(self) -> bool:
        return not self._working.wait(0.1)

    def end(self) -> None:
        self._go_on.set()
        self._ended.result(10)


@pytest.fixture
def scene() -> Iterator[Scene]:
    scene = Scene()
    yield scene
    scene.close()


def test_steps_that_no_death_met_work_side_by_side(scene: Scene) -> None:
    assert all(scene.begin(0, scene.cores).works() for _ in range(3))


def test_of_suspects_in_one_room_one_works(scene: Scene) -> None:
    first = scene.begin(1, scene.cores)
    assert first.works()
    second = scene.begin(1, scene.cores)
    assert second.waits()
    assert scene.begin(1, scene.decoders).works()
    first.end()
    assert second.works()


def test_a_last_attempt_waits_for_all_suspects_and_they_for_it(scene: Scene) -> None:
    others = [scene.begin(1, scene.cores), scene.begin(1, scene.decoders)]
    assert all(other.works() for other in others)
    last = scene.begin(2, scene.decoders)
    assert last.waits()
    for other in others:
        other.end()
    assert last.works()
    late = [scene.begin(n_begun, scene.cores) for n_begun in (1, 2)]
    assert all(one.waits() for one in late)
    assert scene.begin(0, scene.cores).works()  # no suspect
    last.end()
    scene.close()
    assert all(one.works() for one in late)


def test_a_job_is_not_kept_from_itself(scene: Scene) -> None:
    prepare = scene.begin(2, scene.decoders, "job")
    assert prepare.works()
    assert scene.begin(2, scene.cores, "job").works()
    assert scene.begin(1, scene.cores, "job").works()
    other = scene.begin(2, scene.cores)
    assert other.waits()
    scene.close()
    assert other.works()


def test_more_attempts_than_there_are_count_as_the_last(scene: Scene) -> None:
    assert scene.begin(5, scene.cores).works()
    assert scene.begin(1, scene.decoders).waits()


def test_what_fails_lets_the_next_one_in(scene: Scene) -> None:
    suspects = Suspects(3)
    for n_begun in (1, 2, 1, 2):
        with pytest.raises(ZeroDivisionError), suspects.apart("job", n_begun, scene.cores):
            raise ZeroDivisionError
