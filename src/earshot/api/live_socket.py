"""A WebSocket whose other side may misbehave: uvicorn's own, with an end to everything."""

import socket
from typing import Any, Final

import websockets.http11
from typing_extensions import override
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

# A hundred key terms of fifty characters, escaped for a URL, are longer than the 8 KiB that the
# library takes. The server's own parser, which comes first, takes as much as this.
MAX_LINE_BYTES: Final = 2**16
# Fragments of a message are joined whenever there are so many: each is an object of its own.
MAX_FRAGMENTS: Final = 1024
# What the system holds for us that we have not read: seconds of audio, and not the minutes that it
# would take by itself. A client's ping waits behind them, and few wait for more than 20 s.
UNREAD_BYTES: Final = 2**17
# What was on its way when we closed is read for the sake of the answer to that; more is an attack.
LAST_BYTES: Final = 2**20


def allow_long_requests() -> None:
    """Take handshakes whose lines are as long as those of any other request."""
    websockets.http11.MAX_LINE_LENGTH = MAX_LINE_BYTES


class LiveSocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket that neither a deaf, a silent nor a babbling client holds for good.

    The application can end it where the client does not read: `earshot.abort` in its scope.
    """

    _has_heard = False  # anything, since the last ping
    _n_after_close = 0

    @override
    def data_received(self, data: bytes) -> None:
        self._has_heard = True
        if self.close_sent:
            self._n_after_close += len(data)
            if self._n_after_close > LAST_BYTES:
                self.transport.abort()
                return
        super().data_received(data)
        if not self.handshake_initiated:  # the library has an answer for that, and nobody sent it
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    @override
    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):  # the handshake was one; the application runs after this
            extensions = self.scope.get("extensions") or {}
            extensions["earshot.abort"] = {"abort": self.transport.abort}
            connection = self.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UNREAD_BYTES)

    @override
    def handle_cont(self, event: Frame) -> None:
        super().handle_cont(event)
        if len(self.frames) > MAX_FRAGMENTS:
            self.frames = [b"".join(self.frames)]

    @override
    def handle_ping(self) -> None:
        pong = b"".join(self.conn.data_to_send())
        if self.writable.is_set():  # else pongs would pile up that nobody reads
            self.transport.write(pong)

    @override
    def send_keepalive_ping(self) -> None:
        self._has_heard = False
        super().send_keepalive_ping()

    @override
    def keepalive_timeout(self) -> None:
        if self._has_heard or self.read_paused:  # the pong is behind audio that is still to be read
            self.pong_timer = self.pending_ping_payload = None
            self.schedule_ping()
            return
        super().keepalive_timeout()
        self.transport.abort()

    @override
    def handle_close(self, event: Frame) -> None:
        super().handle_close(event)
        self._end_for_sure()

    @override
    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.close":
            self._end_for_sure()

    def _end_for_sure(self) -> None:
        """A closed connection stays open until the client has read what is on its way to it."""
        self.loop.call_later(self.close_timeout, self.transport.abort)
