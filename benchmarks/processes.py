"""Memory and CPU time of running processes and their children, as Linux counts them."""

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

BYTES_PER_KB = 1024
CLOCK_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def child_environment() -> dict[str, str]:
    """The environment of a process whose start is measured, as in an installation by pip.

    That compiles every module; where Python is told to keep no bytecode, each start does it again.
    """
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def descendants(pid: int) -> list[int]:
    """Every living process below this one."""
    found: list[int] = []
    for thread in _listed(Path(f"/proc/{pid}/task")):
        for child in _read(thread / "children").split():
            found += [int(child), *descendants(int(child))]
    return found


def command_of(pid: int) -> list[str]:
    """The command line of a process; empty when it is gone."""
    return _read(Path(f"/proc/{pid}/cmdline")).split("\0")[:-1]


def resident_bytes(pid: int) -> int:
    """The memory that a process holds now; 0 when it is gone."""
    return _status_bytes(pid, "VmRSS")


def peak_resident_bytes(pid: int) -> int:
    """The most memory that a process has held since it started, by the kernel's own count."""
    return _status_bytes(pid, "VmHWM")


def cpu_time_s(pid: int) -> float:
    """User and system time of a process, without its children."""
    # The name in brackets may hold spaces; utime and stime are the 14th and 15th field of all.
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS_PER_S if fields else 0.0


def _status_bytes(pid: int, field: str) -> int:
    for line in _read(Path(f"/proc/{pid}/status")).splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * BYTES_PER_KB
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""  # it ended meanwhile


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []


@dataclass(slots=True)
class Peaks:
    """The most memory seen at any one moment."""

    process_bytes: int = 0  # of the process alone
    tree_bytes: int = 0  # together with all below it; what they share is counted once for each


class MemoryWatch:
    """Watches a process and its children until the block ends."""

    INTERVAL_S = 0.05

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory-watch")
        self.peaks = Peaks()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._is_over.wait(self.INTERVAL_S):
            alone = resident_bytes(self._pid)
            together = alone + sum(resident_bytes(child) for child in descendants(self._pid))
            self.peaks.process_bytes = max(self.peaks.process_bytes, alone)
            self.peaks.tree_bytes = max(self.peaks.tree_bytes, together)
