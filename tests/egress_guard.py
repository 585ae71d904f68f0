"""What a test may reach, held in the tests' own process and in every Python process below it.

`install_guard` lays a copy of this file, as `sitecustomize.py`, at the head of PYTHONPATH: Python
runs it at the start of each child, be it one of ours or a client's. Hence it imports nothing but
the standard library.

The guard sees what Python's own sockets do. Programs that are none of Python's (curl, PostgreSQL)
are beyond it, and so are connections that a library makes in C or Rust; for those there is
`integration/test_server_offline.py`, where the kernel counts.
"""

import errno
import ipaddress
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

CONNECTIONS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
LOOKUPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
CHILDREN = frozenset({"subprocess.Popen"})
WATCHED = CONNECTIONS | LOOKUPS | CHILDREN


class EgressGuard:
    """Refuses, in this process, whatever would leave the machine, and notes that it was tried.

    An audit hook sees every connection that Python makes, whichever library asks for it. It cannot
    be removed again, so there is one. All processes that share the folder share the notes. One that
    may open no file any more, as a decoder at work, is refused too, and leaves none.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._notes = folder / "attempts"
        self._lift = folder / "lifted"
        sys.addaudithook(self._watch)

    def take_attempts(self) -> list[str]:
        """What was tried since the last call, here and in children; a line each."""
        try:
            taken = self._notes.replace(self._folder / "taken")
        except FileNotFoundError:
            return []
        return taken.read_text(encoding="utf-8").splitlines()

    @contextmanager
    def lifted(self) -> Iterator[None]:
        """Meanwhile nothing is refused, in children neither."""
        self._lift.touch()
        try:
            yield
        finally:
            self._lift.unlink()

    def _watch(self, event: str, arguments: tuple[object, ...]) -> None:
        if event not in WATCHED:
            return
        attempt = self._attempt(event, arguments)
        if attempt is None or self._lift.exists():
            return
        with self._notes.open("a", encoding="utf-8") as notes:
            notes.write(f"{attempt}, in {sys.orig_argv!r:.200}\n")
        raise PermissionError(errno.EPERM, f"a test tried to leave this machine: {attempt}")

    def _attempt(self, event: str, arguments: tuple[object, ...]) -> str | None:
        """What is wrong with it, if anything is."""
        if event in CHILDREN:
            _, command, _, environment = arguments
            if not self._is_handed_on(environment):
                return f"a child without the guard on its PYTHONPATH: {command!r:.200}"
            return None
        target = arguments[0] if event in LOOKUPS else arguments[1]
        if leaves_this_machine(target, is_lookup=event in LOOKUPS):
            return f"{event} {target!r}"
        return None

    def _is_handed_on(self, environment: object) -> bool:
        if not isinstance(environment, Mapping):
            environment = os.environ  # noqa: TID251 - what a child gets that is given none
        path = os.fsdecode(environment.get("PYTHONPATH", ""))
        return str(self._folder) in path.split(os.pathsep)


def leaves_this_machine(target: object, *, is_lookup: bool) -> bool:
    """Whether to reach that address, or to look that host up, others must be asked."""
    host = target[0] if isinstance(target, tuple) else target
    if not is_lookup and not isinstance(target, tuple):
        return False  # the path of a Unix socket, or the peer of a connection that stands
    if isinstance(host, bytes):
        host = host.decode()
    if not isinstance(host, str) or host in {"", "localhost"}:
        return False
    try:
        address = ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return not host.endswith((".localhost", ".invalid"))  # RFC 6761: such a name is nobody's
    return not (is_lookup or address.is_loopback or address.is_unspecified)


def install_guard(folder: Path) -> EgressGuard:
    """The guard of this process; the children that it starts have theirs in the same folder."""
    shutil.copy(__file__, folder / "sitecustomize.py")
    inherited = os.environ.get("PYTHONPATH")  # noqa: TID251 - of Python
    path = [str(folder), inherited] if inherited else [str(folder)]
    os.environ["PYTHONPATH"] = os.pathsep.join(path)  # noqa: TID251 - of Python
    sys.path.insert(0, str(folder))  # decoders are given this list, and no environment
    return EgressGuard(folder)


if __name__ == "sitecustomize":
    EgressGuard(Path(__file__).parent)
