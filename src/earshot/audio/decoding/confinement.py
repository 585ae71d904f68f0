"""What a decoder child is denied before it reads an untrusted byte.

Every step is best effort, since systems differ, and is reported by name. None needs root. Limits
are lowered for good; when the media arrives there is nothing left that could be opened.
"""

import os
import resource
import sys
from collections.abc import Callable

from earshot.audio.decoding.system_calls import deny_system_calls, set_process_option

PR_SET_DUMPABLE = 4  # off: other processes of our user may not inspect this one
NOBODY = 65_534  # user and group that own nothing


def confine_process(*, max_memory_bytes: int) -> list[str]:
    """Deny this process what decoding does not need; returns the names of what took effect."""
    steps: list[tuple[str, Callable[[], None]]] = [
        ("core_dumps", lambda: _lower_limit(resource.RLIMIT_CORE, 0)),
        ("file_writes", lambda: _lower_limit(resource.RLIMIT_FSIZE, 0)),
        ("address_space", lambda: _lower_limit(resource.RLIMIT_AS, max_memory_bytes)),
        ("data_memory", lambda: _lower_limit(resource.RLIMIT_DATA, max_memory_bytes)),
        ("root", _leave_root),
        ("processes", lambda: _lower_limit(resource.RLIMIT_NPROC, 0)),
    ]
    if sys.platform == "linux":
        steps += [
            ("inspection", lambda: set_process_option(PR_SET_DUMPABLE, 0)),
            ("system_calls", deny_system_calls),
        ]
    return [name for name, deny in steps if _takes_effect(deny)]


def confine_to_open_files(*, max_cpu_s: int) -> None:
    """From here on nothing can be opened or connected, and CPU time is bounded."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = int(used.ru_utime + used.ru_stime) + 1 + max_cpu_s
    _takes_effect(lambda: _lower_limit(resource.RLIMIT_CPU, cpu_s))
    _takes_effect(lambda: _lower_limit(resource.RLIMIT_NOFILE, 0))


def _takes_effect(deny: Callable[[], None]) -> bool:
    try:
        deny()
    except (OSError, ValueError):
        return False
    return True


def _lower_limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def _leave_root() -> None:
    if os.geteuid() != 0:
        return
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
