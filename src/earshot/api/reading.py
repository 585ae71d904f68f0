"""How much is read of one connection while all others wait."""

import asyncio.selector_events
import asyncio.sslproto
from typing import Any, Final

# A tenth of a second at the most to take apart, where it is all chunks of one byte; some
# milliseconds where it is empty frames of a WebSocket. The event loop's own measure is sixteen
# times that.
READ_BYTES: Final = 2**14


def read_little_at_once() -> None:
    """Read READ_BYTES at the most of a connection, plain or TLS, before the next has its turn.

    For the whole process, and by names of asyncio's own: it has no setting for it.
    """
    readers: tuple[Any, ...] = (
        asyncio.selector_events._SelectorSocketTransport,  # type: ignore[attr-defined]
        asyncio.sslproto.SSLProtocol,
    )
    for reader in readers:
        reader.max_size = READ_BYTES
