"""How often a project asked of late, where that is limited. Counted in one process."""

import math
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

# "20 000 requests / 5 min per account" is how the compatible API counts.
REQUEST_WINDOW: Final = timedelta(minutes=5)


@dataclass(slots=True)
class _Window:
    """What came since it began."""

    began_at: datetime
    n_taken: int = 0


class WindowedRates:
    """Counts by whoever asks; a window begins with the first request after the last one is over."""

    def __init__(self, length: timedelta = REQUEST_WINDOW) -> None:
        self._length = length
        self._windows: dict[Hashable, _Window] = {}
        self._tidied_at: datetime | None = None
        self._lock = Lock()

    @property
    def n_counted(self) -> int:
        """How many windows are remembered."""
        return len(self._windows)

    def take(self, who: Hashable, limit: int, now: datetime) -> int | None:
        """None where there was one left, which is taken; else in how many seconds there will be."""
        with self._lock:
            self._tidy(now)
            window = self._windows.get(who)
            if window is None or self._is_over(window, now):
                window = self._windows[who] = _Window(now)
            if window.n_taken >= limit:
                left_s = (window.began_at + self._length - now).total_seconds()
                return max(1, math.ceil(left_s))
            window.n_taken += 1
            return None

    def _is_over(self, window: _Window, now: datetime) -> bool:
        """Whether it has had its time; or began in what is the future now: a clock was set back."""
        return not window.began_at <= now < window.began_at + self._length

    def _tidy(self, now: datetime) -> None:
        """Forget the windows of those who ask no more, once in a while."""
        if self._tidied_at is None or not self._tidied_at <= now < self._tidied_at + self._length:
            self._tidied_at = now
            over = [who for who, window in self._windows.items() if self._is_over(window, now)]
            for who in over:
                del self._windows[who]
