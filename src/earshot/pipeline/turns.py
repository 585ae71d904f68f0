"""Few at once, and the others in the order in which they came."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock

LOOK_S = 0.2  # so often it is asked, of who waits, whether that is still wanted


class Abandoned(Exception):
    """Nobody waits for it any more."""


class Turns:
    """Lets `n_at_once` threads in; a semaphore would not keep to the order of the others."""

    def __init__(self, n_at_once: int) -> None:
        self._n_free = n_at_once
        self._waiting: deque[Event] = deque()
        self._lock = Lock()

    @contextmanager
    def turn(self, is_wanted: Callable[[], bool]) -> Iterator[None]:
        """Wait for the caller's turn, which lasts as long as the block.

        Raises Abandoned once it is not wanted any more.
        """
        mine = Event()
        with self._lock:
            self._waiting.append(mine)
            self._let_in()
        try:
            while not mine.wait(LOOK_S):
                if not is_wanted():
                    raise Abandoned
            yield
        finally:
            with self._lock:
                if mine.is_set():
                    self._n_free += 1
                    self._let_in()
                else:
                    self._waiting.remove(mine)

    def _let_in(self) -> None:
        while self._n_free and self._waiting:
            self._n_free -= 1
            self._waiting.popleft().set()
