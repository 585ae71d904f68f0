"""What is on its way to a client, and is not allowed to pile up."""

import asyncio
import json
from collections import deque
from collections.abc import Callable

from starlette.websockets import WebSocket, WebSocketDisconnect

from earshot.api.schemas.live_messages import JsonObject


class Outbox:
    """Sends messages in their order, as fast as the client reads them."""

    def __init__(
        self,
        socket: WebSocket,
        on_overflow: Callable[[], None],
        on_gone: Callable[[], None],
        max_waiting_bytes: int,
    ) -> None:
        """Each is called once at most: when the client reads too slowly, and when it has gone."""
        self._socket = socket
        self._on_overflow = on_overflow
        self._on_gone = on_gone
        self._max_waiting_bytes = max_waiting_bytes
        self._waiting: deque[tuple[str, int]] = deque()  # and how much of it counts
        self._n_bytes = 0
        self._changed = asyncio.Event()
        self._is_sent = asyncio.Event()
        self._is_sent.set()
        self._is_closed = False

    def put(self, message: JsonObject, *, is_counted: bool = True) -> None:
        """Send that, too. What is not counted may be of any length: the client asked for all."""
        if self._is_closed:
            return
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        n_counted = len(text) if is_counted else 0
        self._waiting.append((text, n_counted))
        self._n_bytes += n_counted
        self._is_sent.clear()
        self._changed.set()
        if self._n_bytes > self._max_waiting_bytes:
            self._drop_all()
            self._on_overflow()

    async def run(self) -> None:
        """Send what is put, until cancelled or the client is gone."""
        while not self._is_closed:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._send_waiting()
            except (WebSocketDisconnect, RuntimeError):  # closed, by either side
                self._drop_all()
                self._on_gone()

    async def drained(self) -> None:
        """Wait until everything was handed to the socket."""
        await self._is_sent.wait()

    def close(self) -> None:
        """Send nothing more."""
        self._drop_all()

    async def _send_waiting(self) -> None:
        while self._waiting:
            text, n_counted = self._waiting[0]
            await self._socket.send_text(text)
            if self._waiting:  # unless it overflowed meanwhile
                self._waiting.popleft()
                self._n_bytes -= n_counted
        self._is_sent.set()

    def _drop_all(self) -> None:
        self._is_closed = True
        self._waiting.clear()
        self._n_bytes = 0
        self._is_sent.set()
        self._changed.set()
