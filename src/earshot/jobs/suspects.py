"""Steps that were under way when their worker died, kept from dying of each other."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Suspects:
    """Lets suspects work one at a time, and one in its last attempt apart from all other jobs'.

    A step that was under way at a death may have caused it, or only been beside what did. If the
    two ran together again, the bystander would die of it every time, and be given up as well.
    Steps that were never under way at a death are no concern of this class: they wait for nobody.
    Nor need a job be kept from itself: whichever of its steps is given up, it ends.
    """

    def __init__(self, attempts: int) -> None:
        """`attempts` is how many a step has."""
        self._attempts = attempts
        self._turns: dict[int, threading.Lock] = {}  # by the id of their room
        self._changed = threading.Condition()
        self._working: list[str] = []  # jobs, once for each of their suspects at work
        self._in_last_attempt: list[str] = []

    @contextmanager
    def apart(self, job_id: str, n_begun: int, room: threading.Semaphore) -> Iterator[None]:
        """Until it leaves, no other suspect of the room works; in its last attempt, of no room.

        `n_begun` is how many attempts had begun before. What waits here has not begun one.
        """
        if n_begun == 0:
            yield
        elif n_begun < self._attempts - 1:
            turn = self._turns.setdefault(id(room), threading.Lock())
            with turn, self._kept(job_id, self._working, apart_from=[self._in_last_attempt]):
                yield
        else:
            others = [self._working, self._in_last_attempt]
            with self._kept(job_id, self._in_last_attempt, apart_from=others):
                yield

    @contextmanager
    def _kept(self, job_id: str, jobs: list[str], apart_from: list[list[str]]) -> Iterator[None]:
        """In that list while it works, which begins when no other job is in those."""
        with self._changed:
            self._changed.wait_for(
                lambda: all(other == job_id for others in apart_from for other in others)
            )
            jobs.append(job_id)
        try:
            yield
        finally:
            with self._changed:
                jobs.remove(job_id)
                self._changed.notify_all()
