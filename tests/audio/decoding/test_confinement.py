import subprocess
import sys

import pytest

MEGABYTE = 2**20


def run_confined(code: str) -> str:
    """Runs code after confinement in a process of its own; returns what it printed."""
    preamble = (
        "import os, socket, resource\n"
        "from earshot.audio.decoding.confinement import confine_process, confine_to_open_files\n"
        f"denied = confine_process(max_memory_bytes={256 * MEGABYTE})\n"
    )
    run = subprocess.run([sys.executable, "-c", preamble + code], capture_output=True, timeout=60)
    return run.stdout.decode() + f"status {run.returncode}"


def test_memory_over_the_limit_is_refused_and_under_it_is_not() -> None:
    code = f"""
bytearray({32 * MEGABYTE})
try:
    bytearray({300 * MEGABYTE})
except MemoryError:
    print("refused")
"""
    assert run_confined(code) == "refused\nstatus 0"


def test_an_open_file_cannot_be_written_to() -> None:
    code = "os.write(1, b'to a pipe\\n'); print(resource.getrlimit(resource.RLIMIT_FSIZE))"

    assert run_confined(code) == "to a pipe\n(0, 0)\nstatus 0"


def test_nothing_can_be_opened_any_more() -> None:
    code = """
confine_to_open_files(max_cpu_s=100)
for attempt in (lambda: os.dup(1), lambda: os.open("/dev/null", os.O_RDONLY), socket.socket):
    try:
        attempt()
    except OSError:
        print("refused")
"""
    assert run_confined(code) == "refused\n" * 3 + "status 0"


def test_limits_cannot_be_raised_again() -> None:
    code = """
try:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))
except (ValueError, OSError):
    print("refused")
"""
    assert run_confined(code) == "refused\nstatus 0"


def test_nobody_stays_root() -> None:
    assert run_confined("print(os.geteuid() != 0)") == "True\nstatus 0"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have fewer of them")
def test_what_took_effect_is_reported() -> None:
    printed = run_confined("print(*denied)")

    assert {"core_dumps", "file_writes", "address_space", "processes"} <= set(printed.split())


@pytest.mark.slow
def test_cpu_time_over_the_limit_ends_the_process() -> None:
    printed = run_confined("confine_to_open_files(max_cpu_s=1)\nwhile True: pass")

    assert printed.startswith("status -")
