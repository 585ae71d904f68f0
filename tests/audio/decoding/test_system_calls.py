import errno
import os
import platform
import subprocess
import sys

import pytest

from earshot.audio.decoding.system_calls import (
    DENIED_CALLS,
    INSTRUCTION,
    MACHINES,
    filter_program,
)

ATTEMPTS = """
import os, socket, sys
from earshot.audio.decoding.system_calls import deny_system_calls
deny_system_calls()
attempts = {
    "socket": lambda: socket.socket(),
    "open": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "fork": os.fork,
    "kill": lambda: os.kill(os.getppid(), 0),
    "exec": lambda: os.execv("/bin/true", ["/bin/true"]),
    "unlink": lambda: os.unlink("/nonexistent"),
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
    assert len(outcomes) == 6


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
