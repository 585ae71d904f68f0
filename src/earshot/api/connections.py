"""How many connections are held at once, and for how long while nothing is asked on them."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from typing_extensions import override

logger = logging.getLogger(__name__)

_REQUEST_S = 30.0  # for the head of a request; up to twice that for one after another
_LOOKS_AT_A_BODY = 20  # each after that long
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
    ) -> None:
        """`connections` are those that are open; `make` makes a protocol that will be one."""
        self._make = make
        self._connections = connections
        self._most = most

    def __call__(self) -> asyncio.Protocol:
        if len(self._connections) >= self._most:
            logger.debug("connection_refused", extra={"most": self._most})
            return _Refusal()
        protocol: asyncio.Protocol = self._make()
        self._look_again(protocol, None, 0)
        return protocol

    # Any: uvicorn has no class for its protocols and their cycles.
    def _look_again(self, protocol: Any, answered: Any, n_looks: int) -> None:  # noqa: ANN401
        loop = asyncio.get_running_loop()
        loop.call_later(_REQUEST_S, self._end_unless_asked, protocol, answered, n_looks)

    def _end_unless_asked(self, protocol: Any, answered: Any, n_looks: int) -> None:  # noqa: ANN401
        """End it where nothing was asked since the last look, and all before is `answered`.

        The server itself ends a connection on which nothing comes at all. A byte now and then of a
        head that is never whole would keep it open. Who was refused early reads that only when the
        whole body is sent: it has longer.
        """
        # What became a WebSocket is none of these any more.
        if protocol not in self._connections:
            return
        cycle = protocol.cycle
        n_looks = n_looks + 1 if cycle is answered else 0
        most = _LOOKS_AT_A_BODY if cycle is not None and cycle.more_body else 1
        if cycle is None or (cycle.response_complete and n_looks >= most):
            protocol.transport.close()
        else:
            self._look_again(protocol, cycle if cycle.response_complete else None, n_looks)


class _Refusal(asyncio.Protocol):
    """Closes the connection at once."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
