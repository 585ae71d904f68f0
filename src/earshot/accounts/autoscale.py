"""How many live sessions may begin in a minute: more of them, minute by minute, if they are used.

">= 70 % used: +10 % per 60 s; 50-69 %: hold; < 50 %: decay to base".
"""

from datetime import datetime, timedelta
from threading import Lock
from typing import Final

WELL_USED: Final = 0.7
LITTLE_USED: Final = 0.5
GROWTH: Final = 1.1
MINUTE: Final = timedelta(minutes=1)
# After that many idle minutes, whatever had grown has decayed: 1.1 ** 100 is over 13 000.
_FORGOTTEN: Final = 100


class AutoscaledRate:
    """What one project may begin, given that base."""

    def __init__(self, base: int, now: datetime) -> None:
        self._base = base
        self._allowed = float(base)
        self._began_at = now
        self._n_begun = 0

    def take(self, base: int, now: datetime) -> bool:
        """Whether one more may begin now; the base may have been changed meanwhile."""
        if base != self._base:
            self._base, self._allowed = base, float(base)
        self._turn(now)
        if self._n_begun >= int(self._allowed):
            return False
        self._n_begun += 1
        return True

    def is_idle(self, now: datetime) -> bool:
        """Whether whatever had grown has decayed: a new one is the same."""
        return (now - self._began_at) // MINUTE >= _FORGOTTEN

    def _turn(self, now: datetime) -> None:
        """Go on to the minute that it is; from now on, where a clock was set back."""
        if now < self._began_at:
            self._began_at = now
        n_minutes = (now - self._began_at) // MINUTE
        self._began_at += n_minutes * MINUTE
        for _ in range(min(n_minutes, _FORGOTTEN)):
            self._allowed = self._scaled()
            self._n_begun = 0

    def _scaled(self) -> float:
        share = self._n_begun / int(self._allowed)
        if share >= WELL_USED:
            return self._allowed * GROWTH
        if share < LITTLE_USED:
            return max(float(self._base), self._allowed / GROWTH)
        return self._allowed


class AutoscaledRates:
    """The rates of all projects, in one process."""

    def __init__(self) -> None:
        self._rates: dict[str, AutoscaledRate] = {}
        self._lock = Lock()

    @property
    def n_counted(self) -> int:
        """How many projects are remembered."""
        return len(self._rates)

    def take(self, project_id: str, base: int, now: datetime) -> bool:
        """Whether one more session of the project may begin now."""
        with self._lock:
            rate = self._rates.get(project_id)
            if rate is None:
                self._forget_idle(now)
                rate = self._rates[project_id] = AutoscaledRate(base, now)
            return rate.take(base, now)

    def _forget_idle(self, now: datetime) -> None:
        """So that there are no more of them than projects that begin sessions."""
        for idle in [one for one, rate in self._rates.items() if rate.is_idle(now)]:
            del self._rates[idle]
