"""Figures of real processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks.processes import (
    MemoryWatch,
    command_of,
    cpu_time_s,
    descendants,
    peak_resident_bytes,
    resident_bytes,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these figures are Linux's")

WAITS = "import sys; sys.stdin.read()"
REPORTS = f"import os; print(os.getpid(), flush=True); {WAITS}"
LAUNCHES = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {REPORTS!r}])"
HOLDS_AND_RELEASES = f"""
held = bytearray(200 * 2**20)
del held
print(flush=True)
{WAITS}
"""
HOLDS = f"""
held = bytearray(100 * 2**20)
print(flush=True)
{WAITS}
"""


@contextmanager
def _running(script: str) -> Iterator[tuple[int, str]]:
    """The id of a process that runs the script, and the first line that it prints."""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        yield child.pid, child.stdout.readline()


def test_a_grandchild_is_found_with_its_command() -> None:
    with _running(LAUNCHES) as (pid, line):
        assert {pid, int(line)} <= set(descendants(os.getpid()))
        assert command_of(int(line))[1:] == ["-c", REPORTS]


def test_memory_that_is_given_back_still_counts_in_the_peak() -> None:
    with _running(HOLDS_AND_RELEASES) as (pid, _):
        assert peak_resident_bytes(pid) > 200 * 2**20
        assert resident_bytes(pid) < 100 * 2**20


def test_a_process_that_ended_holds_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        pass
    assert resident_bytes(child.pid) == 0
    assert cpu_time_s(child.pid) == 0
    assert descendants(child.pid) == []


def test_work_takes_processor_time() -> None:
    before_s = cpu_time_s(os.getpid())
    while cpu_time_s(os.getpid()) == before_s:
        sum(range(100_000))
    assert cpu_time_s(os.getpid()) > before_s


def test_a_watch_sees_a_child_s_memory_beside_the_process_s_own() -> None:
    with MemoryWatch(os.getpid()) as watch, _running(HOLDS) as (pid, _):
        while watch.peaks.tree_bytes < watch.peaks.process_bytes + 100 * 2**20:
            assert resident_bytes(pid) > 100 * 2**20
