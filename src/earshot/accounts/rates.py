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
        self._lock = Lock()

    def take(self, who: Hashable, limit: int, now: datetime) -> int | None:
        """None where there was one left, which is taken; else in how many seconds there will be."""
        with self._lock:
            window = self._windows.get(who)
            if window is None or now - window.began_at >= self._length:
                window = self._windows[who] = _Window(now)
            if window.n_taken >= limit:
                left_s = (window.began_at + self._length - now).total_seconds()
                return max(1, math.ceil(left_s))
            window.n_taken += 1
            return None
