"""An event loop on which time is turned: waiting for a timer takes none, nor does any work."""

import asyncio
import selectors
import threading
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from typing_extensions import override

T = TypeVar("T")
# Threads may have something for the loop: a timer goes off only after that long, and, where the
# system tells, only while none of them is at work. On a busy machine they take longer.
THREADS_S = 0.05
TASKS = Path("/proc/self/task")
AT_WORK = {"R", "D"}  # runs, or would if it had a processor; waits for a disk


def is_another_thread_at_work() -> bool:
    """Whether one of this process may still have something for the caller's."""
    own = str(threading.get_native_id())
    states = []
    for task in TASKS.glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            # "id (name) state ...", and the name may hold anything
            states.append((task.name, (task / "stat").read_text().rpartition(")")[2].split()[0]))
    return any(state in AT_WORK for name, state in states if name != own)


class _TurningSelector(selectors.DefaultSelector):
    """Where nothing happens before the next timer, it is that time."""

    now_s = 0.0

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        found = super().select(THREADS_S)
        while not found and is_another_thread_at_work():
            found = super().select(THREADS_S)
        if not found:
            self.now_s += timeout
        return found


class TurnedLoop(asyncio.SelectorEventLoop):
    """A loop whose time passes where it waits, and nowhere else."""

    def __init__(self) -> None:
        self._turning = _TurningSelector()
        super().__init__(self._turning)

    @override
    def time(self) -> float:
        return self._turning.now_s


def run_turned(main: Coroutine[Any, Any, T]) -> T:
    """What it returns, however long it would have to wait."""
    with asyncio.Runner(loop_factory=TurnedLoop) as runner:
        return runner.run(main)
