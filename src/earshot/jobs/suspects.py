"""Steps that were under way when their worker died, kept from dying of each other."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Suspects:
    """Lets suspects work one at a time, and one in its last attempt apart from all others.

    A step that was under way at a death may have caused it, or only been beside what did. If the
    two ran together again, the bystander would die of it every time, and be given up as well.
    Steps that were never under way at a death are no concern of this class: they wait for nobody.
    """

    def __init__(self, attempts: int) -> None:
        """`attempts` is how many a step has."""
        self._attempts = attempts
        self._turns: dict[int, threading.Lock] = {}  # by the id of their room
        self._changed = threading.Condition()
        self._n_working = 0
        self._one_is_alone = False

    @contextmanager
    def apart(self, n_begun: int, room: threading.Semaphore) -> Iterator[None]:
        """Until it leaves, no other suspect of the room works; in its last attempt, none at all.

        `n_begun` is how many attempts had begun before. What waits here has not begun one.
        """
        if n_begun == 0:
            yield
        elif n_begun < self._attempts - 1:
            with self._turns.setdefault(id(room), threading.Lock()), self._among_others():
                yield
        else:
            with self._alone():
                yield

    @contextmanager
    def _among_others(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._one_is_alone)
            self._n_working += 1
        try:
            yield
        finally:
            with self._changed:
                self._n_working -= 1
                self._changed.notify_all()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._one_is_alone and self._n_working == 0)
            self._one_is_alone = True
        try:
            yield
        finally:
            with self._changed:
                self._one_is_alone = False
                self._changed.notify_all()
