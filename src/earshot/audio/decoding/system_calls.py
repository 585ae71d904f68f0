"""A seccomp filter: the system calls that a decoder has no use for and an intruder has.

Linux on x86-64 and arm64; it needs no privilege, only PR_SET_NO_NEW_PRIVS.
"""

import ctypes
import errno
import os
import platform
import struct

PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2
SECCOMP_RET_ALLOW = 0x7FFF_0000
SECCOMP_RET_ERRNO = 0x0005_0000
SECCOMP_RET_KILL_PROCESS = 0x8000_0000
# struct seccomp_data: where the filter finds what it judges by
NUMBER_OFFSET = 0
ARCHITECTURE_OFFSET = 4
FIRST_ARGUMENT_OFFSET = 16  # its lower half: both machines are little-endian
BPF_LOAD_WORD = 0x20
BPF_JUMP_IF_EQUAL = 0x15
BPF_JUMP_IF_GREATER_OR_EQUAL = 0x35
BPF_RETURN = 0x06
INSTRUCTION = struct.Struct("=HBBI")  # struct sock_filter: code, jump if true, if false, operand
X32_CALLS = 0x4000_0000  # x86-64's second set of numbers, which would slip past the first

MACHINES = ("x86_64", "aarch64")
AUDIT_ARCHITECTURES = (0xC000_003E, 0xC000_00B7)
# Numbers on each of MACHINES, from asm/unistd.h; None where the machine lacks the call.
DENIED_CALLS: dict[str, tuple[int | None, int | None]] = {
    # the network
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    # files by name
    "open": (2, None),
    "creat": (85, None),
    "openat": (257, 56),
    "openat2": (437, 437),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "link": (86, None),
    "linkat": (265, 37),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "mknodat": (259, 33),
    "mknod": (133, None),
    "rmdir": (84, None),
    "truncate": (76, 45),
    "chmod": (90, None),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "open_by_handle_at": (304, 265),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    # other programs and processes
    "clone": (56, 220),
    "clone3": (435, 435),
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
    "setpriority": (141, 140),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    # memory and messages that outlive the process, and that others can see
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # the kernel's wider surfaces
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "unshare": (272, 97),
    "setns": (308, 268),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
}
# Sets the limits of any process; the C library lowers our own with it, which names process 0.
PRLIMIT: tuple[int, int] = (302, 261)


class _Program(ctypes.Structure):
    """`struct sock_fprog` of linux/filter.h."""

    _fields_ = (("n_instructions", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def deny_system_calls() -> None:
    """From here on they fail with EPERM, for good; raises OSError where the kernel cannot."""
    code = filter_program(platform.machine())
    program = _Program(len(code) // INSTRUCTION.size, code)
    set_process_option(PR_SET_NO_NEW_PRIVS, 1)
    set_process_option(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program))


def set_process_option(option: int, argument: int, pointer: int = 0) -> None:
    """Call prctl(2); raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    arguments = [ctypes.c_ulong(value) for value in (argument, pointer, 0, 0)]
    if libc.prctl(option, *arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def filter_program(machine: str) -> bytes:
    """The filter as BPF; raises OSError for a machine whose call numbers we do not know."""
    if machine not in MACHINES:
        raise OSError(errno.ENOSYS, f"no system call numbers for {machine}")
    column = MACHINES.index(machine)
    denied = [calls[column] for calls in DENIED_CALLS.values() if calls[column] is not None]
    # The jumps count from the next instruction; the last two allow and deny.
    ending = [
        (BPF_JUMP_IF_EQUAL, 0, 2, PRLIMIT[column]),
        (BPF_LOAD_WORD, 0, 0, FIRST_ARGUMENT_OFFSET),
        (BPF_JUMP_IF_EQUAL, 0, 1, 0),
        (BPF_RETURN, 0, 0, SECCOMP_RET_ALLOW),
        (BPF_RETURN, 0, 0, SECCOMP_RET_ERRNO | errno.EPERM),
    ]
    to_denial = len(denied) + len(ending) - 1
    comparisons = [
        (BPF_JUMP_IF_EQUAL, to_denial - index - 1, 0, number) for index, number in enumerate(denied)
    ]
    instructions = [
        (BPF_LOAD_WORD, 0, 0, ARCHITECTURE_OFFSET),
        (BPF_JUMP_IF_EQUAL, 1, 0, AUDIT_ARCHITECTURES[column]),
        (BPF_RETURN, 0, 0, SECCOMP_RET_KILL_PROCESS),
        (BPF_LOAD_WORD, 0, 0, NUMBER_OFFSET),
        (BPF_JUMP_IF_GREATER_OR_EQUAL, to_denial, 0, X32_CALLS),
        *comparisons,
        *ending,
    ]
    return b"".join(INSTRUCTION.pack(*instruction) for instruction in instructions)
