"""How many requests that wait for a language model are under way at once."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from earshot.errors import TooManyRequests

# Each holds a thread of the API, of which there are 40; and no project all that there are.
MAX_AT_ONCE = 12
MAX_OF_PROJECT = 6


class Turns:
    """Lets so many begin, and no more; safe to share between threads."""

    def __init__(
        self, *, max_at_once: int = MAX_AT_ONCE, max_of_project: int = MAX_OF_PROJECT
    ) -> None:
        self._max_at_once = max_at_once
        self._max_of_project = max_of_project
        self._under_way: Counter[str] = Counter()  # by project
        self._lock = Lock()

    @contextmanager
    def turn(self, project_id: str) -> Iterator[None]:
        """A turn until the end of the block; TooManyRequests where others have them all."""
        with self._lock:
            of_project = self._under_way[project_id]
            if of_project >= self._max_of_project or self._under_way.total() >= self._max_at_once:
                raise TooManyRequests
            self._under_way[project_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way[project_id] -= 1
                self._under_way += Counter()  # forgets those that have none
