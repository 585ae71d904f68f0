import errno
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from earshot.audio.decoding.system_calls import (
    DENIED_CALLS,
    INSTRUCTION,
    MACHINES,
    PRLIMIT,
    filter_program,
)

HEADERS = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
ATTEMPTS = """
import ctypes, os, resource, socket
from earshot.audio.decoding.system_calls import deny_system_calls
deny_system_calls()
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
libc = ctypes.CDLL(None, use_errno=True)
def checked(status):
    if status < 0:
        raise OSError(ctypes.get_errno(), "")
attempts = {
    "socket": lambda: socket.socket(),
    "open": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "fork": os.fork,
    "kill": lambda: os.kill(os.getppid(), 0),
    "exec": lambda: os.execv("/bin/true", ["/bin/true"]),
    "unlink": lambda: os.unlink("/nonexistent"),
    "truncate": lambda: os.truncate("/nonexistent", 0),
    "rmdir": lambda: os.rmdir("/nonexistent"),
    "signal": lambda: checked(libc.sigqueue(os.getppid(), 0, None)),
    "limits": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU),
    "shared": lambda: checked(libc.shmget(0, 4096, 0o1600)),
}
for name, attempt in attempts.items():
    try:
        attempt()
    except OSError as error:
        print(name, error.errno)
    else:
        print(name, "succeeded")
"""


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in MACHINES, reason="seccomp is of Linux"
)
def test_neither_network_nor_files_nor_processes_can_be_reached() -> None:
    run = subprocess.run([sys.executable, "-c", ATTEMPTS], capture_output=True, check=True)

    outcomes = dict(line.split() for line in run.stdout.decode().splitlines())
    assert outcomes == dict.fromkeys(outcomes, str(errno.EPERM))
    assert len(outcomes) == 11


@pytest.mark.parametrize("machine", MACHINES)
def test_every_jump_lands_inside_the_program(machine: str) -> None:
    code = filter_program(machine)
    instructions = list(INSTRUCTION.iter_unpack(code))

    targets = [
        index + 1 + offset
        for index, (_, if_true, if_false, _) in enumerate(instructions)
        for offset in (if_true, if_false)
    ]
    assert max(targets) <= len(instructions)
    denying = len(instructions) - 1
    column = MACHINES.index(machine)
    numbers = {calls[column] for calls in DENIED_CALLS.values() if calls[column] is not None}
    jumps = {
        operand
        for index, (_, if_true, _, operand) in enumerate(instructions)
        if index + 1 + if_true == denying
    }
    assert numbers <= jumps


def test_a_machine_whose_numbers_are_unknown_is_not_filtered_by_guess() -> None:
    with pytest.raises(OSError, match="no system call numbers") as refused:
        filter_program("riscv64")

    assert refused.value.errno == errno.ENOSYS


def test_numbers_are_unique_per_machine() -> None:
    for column in range(len(MACHINES)):
        numbers = [calls[column] for calls in DENIED_CALLS.values() if calls[column] is not None]
        assert len(numbers) == len(set(numbers))


def test_the_test_process_itself_is_not_confined() -> None:
    os.close(os.open(os.devnull, os.O_RDONLY))


@pytest.mark.skipif(not HEADERS.exists(), reason="the kernel's headers are not installed")
def test_numbers_are_those_of_the_kernel() -> None:
    defined = dict(re.findall(r"#define __NR_(\w+) (\d+)", HEADERS.read_text()))
    known = {name: str(calls[0]) for name, calls in DENIED_CALLS.items() if name in defined}
    assert known == {name: defined[name] for name in known}
    assert len(known) > len(DENIED_CALLS) - 5  # headers of an older kernel lack the newest
    assert str(PRLIMIT[0]) == defined["prlimit64"]
