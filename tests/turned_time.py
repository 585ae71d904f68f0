"""An event loop on which time is turned: waiting for a timer takes no time."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from typing_extensions import override

T = TypeVar("T")
# Threads may have something for the loop; a timer goes off only after that long.
THREADS_S = 0.05


class _TurningSelector(selectors.DefaultSelector):
    """Where nothing happens before the next timer, it is that time."""

    turned_s = 0.0

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= THREADS_S:
            return super().select(timeout)
        found = super().select(THREADS_S)
        if not found:
            self.turned_s += timeout - THREADS_S
        return found


class TurnedLoop(asyncio.SelectorEventLoop):
    """A loop whose time runs ahead while it waits."""

    def __init__(self) -> None:
        self._turning = _TurningSelector()
        super().__init__(self._turning)

    @override
    def time(self) -> float:
        return super().time() + self._turning.turned_s


def run_turned(main: Coroutine[Any, Any, T]) -> T:
    """What it returns, however long it would have to wait."""
    with asyncio.Runner(loop_factory=TurnedLoop) as runner:
        return runner.run(main)
