"""Idle cores put to work: a batch in pieces, on as many threads as have nothing better to do."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Condition
from typing import Generic, TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")


class Crew:
    """The cores of a machine, shared by all threads that have work for them.

    No more threads work at once than there are cores, but for those that wait for none. Where each
    core has a recording of its own, each stays on one; the last of them, or the only one, is helped
    by the others.
    """

    def __init__(self, n_cores: int) -> None:
        self._n_idle = n_cores
        self._changed = Condition()
        self._helpers = ThreadPoolExecutor(n_cores, thread_name_prefix="crew")

    @property
    def n_idle(self) -> int:
        """How many cores nobody holds at the moment."""
        return self._n_idle

    @contextmanager
    def core(self, *, waits: bool = True) -> Iterator[None]:
        """A core for the calling thread, which may hold one at a time.

        Waits for one; a thread that waits for nobody goes on without where none is idle.
        """
        with self._changed:
            is_held = self._changed.wait_for(lambda: self._n_idle > 0, None if waits else 0)
            self._n_idle -= is_held
        try:
            yield
        finally:
            if is_held:
                self._release()

    def map(self, work: Callable[[Piece], Result], pieces: Sequence[Piece]) -> list[Result]:
        """What `work` makes of each piece, in order; the caller, who holds a core, works as well.

        Before each piece that the caller takes, it looks for idle cores to help with the others.
        Raises what `work` raises, once nothing of it runs any more.
        """
        job = _Job(work, pieces)
        helping: list[Future[None]] = []
        try:
            while job.n_waiting:
                while job.n_waiting > 1 and self._take_idle():
                    helping.append(self._helpers.submit(self._help, job))
                job.take_one()
        finally:
            job.give_up_waiting()
            wait(helping)
        for helper in helping:
            helper.result()
        return job.results()

    def _help(self, job: "_Job[Piece, Result]") -> None:
        try:
            while job.take_one():
                pass
        finally:
            self._release()

    def _take_idle(self) -> bool:
        with self._changed:
            if not self._n_idle:
                return False
            self._n_idle -= 1
            return True

    def _release(self) -> None:
        with self._changed:
            self._n_idle += 1
            self._changed.notify()


class _Job(Generic[Piece, Result]):
    """Pieces that several threads take in turns."""

    def __init__(self, work: Callable[[Piece], Result], pieces: Sequence[Piece]) -> None:
        self._work = work
        self._waiting = deque(enumerate(pieces))
        self._results: dict[int, Result] = {}

    @property
    def n_waiting(self) -> int:
        return len(self._waiting)

    def take_one(self) -> bool:
        """Work on the next piece; False if there was none."""
        try:
            place, piece = self._waiting.popleft()
        except IndexError:  # another thread was faster
            return False
        self._results[place] = self._work(piece)
        return True

    def give_up_waiting(self) -> None:
        self._waiting.clear()

    def results(self) -> list[Result]:
        return [self._results[place] for place in sorted(self._results)]
