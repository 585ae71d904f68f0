"""How many connections are held at once, and for how long while nothing is asked on them."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from typing_extensions import override

logger = logging.getLogger(__name__)

FIRST_REQUEST_S = 30.0
# More would be of no use to one process, and some systems have no limit to go by.
MOST_FILES = 65_536
FEWEST_FILES = 256  # what is assumed where the system does not tell


def raise_file_limit() -> int:
    """Let this process open as many files as it may; returns how many these are."""
    try:
        import resource  # Windows has none, and no such limit either
    except ImportError:
        return FEWEST_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return MOST_FILES if soft == resource.RLIM_INFINITY else soft


class ConnectionGate:
    """Makes the protocols of new connections, or turns these away where there are too many.

    Without it whoever opens connections and says nothing on them takes every file that the process
    may open. The event loop then tries to accept in vain, without a pause, and logs every try.
    """

    def __init__(
        self,
        make: Callable[[], Any],
        connections: set[Any],
        *,
        most: int,
        first_request_s: float = FIRST_REQUEST_S,
    ) -> None:
        """`connections` are those that are open; `make` makes a protocol that will be one."""
        self._make = make
        self._connections = connections
        self._most = most
        self._first_request_s = first_request_s

    def __call__(self) -> asyncio.Protocol:
        if len(self._connections) >= self._most:
            logger.debug("connection_refused", extra={"most": self._most})
            return _Refusal()
        protocol: asyncio.Protocol = self._make()
        loop = asyncio.get_running_loop()
        loop.call_later(self._first_request_s, self._end_unless_asked, protocol)
        return protocol

    def _end_unless_asked(self, protocol: Any) -> None:  # noqa: ANN401 - uvicorn has no class for it
        # What became a WebSocket is none of these any more.
        if protocol in self._connections and protocol.cycle is None:
            protocol.transport.close()


class _Refusal(asyncio.Protocol):
    """Closes the connection at once."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
