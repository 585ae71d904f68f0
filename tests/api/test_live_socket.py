import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send
from uvicorn.server import ServerState

from earshot.api.live_socket import (
    LAST_BYTES,
    MAX_FRAGMENTS,
    LiveSocketProtocol,
    allow_long_requests,
)

HANDSHAKE = (
    "GET /{query} HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
CONTINUATION, BINARY, CLOSE, PING = 0x0, 0x2, 0x8, 0x9
PATIENCE_S = 20.0


def frame(opcode: int, payload: bytes, *, is_last: bool = True) -> bytes:
    """A frame of a client, masked by zeros; the payload is shorter than 64 KiB."""
    n_bytes = len(payload)
    length = bytes([0x80 | n_bytes]) if n_bytes < 126 else b"\xfe" + struct.pack("!H", n_bytes)
    return bytes([is_last << 7 | opcode]) + length + bytes(4) + payload


class DeafApp:
    """Accepts, and takes no message before it is told to."""

    def __init__(self) -> None:
        self.listens = asyncio.Event()
        self.heard: asyncio.Queue[Message] = asyncio.Queue()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "websocket"
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        while True:
            await self.listens.wait()
            message = await receive()
            self.heard.put_nowait(message)
            if message["type"] == "websocket.disconnect":
                return


@pytest.fixture(autouse=True)
def heads_come_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """As uvicorn hands them over, however little of a connection a server reads at once."""
    transport = asyncio.selector_events._SelectorSocketTransport  # type: ignore[attr-defined]
    monkeypatch.setattr(transport, "max_size", 2**18)


class Served:
    """A server of one application, and its protocols."""

    def __init__(self, app: DeafApp) -> None:
        self.app = app
        self.state = ServerState()
        self.protocols: list[LiveSocketProtocol] = []
        self._config = uvicorn.Config(app, log_config=None)
        self._config.load()

    def make(self) -> LiveSocketProtocol:
        self.protocols.append(LiveSocketProtocol(self._config, self.state, {}))
        return self.protocols[-1]


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Served, Callable[[str], Awaitable[socket.socket]]]]:
    allow_long_requests()
    served = Served(DeafApp())
    loop = asyncio.get_running_loop()
    server = await loop.create_server(served.make, "127.0.0.1", 0)
    opened: list[socket.socket] = []

    async def ask(request: str) -> socket.socket:
        """A connection that sent this and has read nothing."""
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        opened.append(client)
        await loop.sock_connect(client, server.sockets[0].getsockname())
        await loop.sock_sendall(client, request.encode())
        return client

    try:
        yield served, ask
    finally:
        for client in opened:
            client.close()
        server.close()
        served.app.listens.set()
        await until(lambda: not served.state.tasks)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.001)


async def read_to_end(client: socket.socket) -> bytes:
    loop = asyncio.get_running_loop()
    found = b""
    async with asyncio.timeout(PATIENCE_S):
        while part := await loop.sock_recv(client, 4096):
            found += part
    return found


async def open_socket(
    ask: Callable[[str], Awaitable[socket.socket]], served: Served
) -> tuple[socket.socket, LiveSocketProtocol]:
    client = await ask(HANDSHAKE.format(query=""))
    await until(lambda: served.protocols and served.protocols[0].handshake_complete)
    return client, served.protocols[0]


async def test_a_request_line_that_is_too_long_is_answered_and_the_connection_closed() -> None:
    async with serving() as (_, ask):
        client = await ask(HANDSHAKE.format(query="?a=" + "b" * 2**16))
        assert (await read_to_end(client)).startswith(b"HTTP/1.1 414 ")


async def test_a_hundred_long_key_terms_fit_into_a_handshake() -> None:
    terms = "%2C".join(["%22" + "%C3%A9" * 50 + "%22"] * 100)
    async with serving() as (served, ask):
        await ask(HANDSHAKE.format(query="?keyterms_prompt=%5B" + terms + "%5D"))
        await until(lambda: served.protocols and served.protocols[0].handshake_complete)


async def test_pongs_that_nobody_reads_do_not_pile_up() -> None:
    async with serving() as (served, ask):
        client, protocol = await open_socket(ask, served)
        server_side = protocol.transport.get_extra_info("socket")
        server_side.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, frame(PING, b"p" * 125) * 8000 + frame(BINARY, b"the end"))
        served.app.listens.set()
        await served.app.heard.get()
        assert protocol.transport.get_write_buffer_size() < 2**18


async def test_a_client_whose_audio_waits_to_be_read_is_not_taken_for_dead() -> None:
    async with serving() as (served, ask):
        client, protocol = await open_socket(ask, served)
        protocol.send_keepalive_ping()
        await asyncio.get_running_loop().sock_sendall(client, frame(BINARY, b"audio"))
        await until(lambda: protocol.read_paused)
        protocol.keepalive_timeout()
        protocol.send_keepalive_ping()
        protocol.keepalive_timeout()  # the next pong may lie behind the same audio
        assert not protocol.transport.is_closing()


async def test_a_ping_waits_behind_seconds_of_audio_at_most() -> None:
    async with serving() as (served, ask):
        client, protocol = await open_socket(ask, served)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        second = frame(BINARY, bytes(32_000))
        served.app.listens.set()  # the system takes more, the more was read before
        for _ in range(1000):
            await asyncio.get_running_loop().sock_sendall(client, second)
        await until(lambda: served.app.heard.qsize() == 1000)
        served.app.listens.clear()
        n_sent, is_sent = 0, True
        while is_sent:  # nothing is read any more
            try:
                async with asyncio.timeout(0.2):
                    await asyncio.get_running_loop().sock_sendall(client, second)
                n_sent += 1
            except TimeoutError:
                is_sent = False
        assert protocol.read_paused
        assert n_sent < 20


async def test_a_client_that_is_silent_after_a_ping_is_let_go() -> None:
    async with serving() as (served, ask):
        _, protocol = await open_socket(ask, served)
        served.app.listens.set()
        protocol.send_keepalive_ping()
        protocol.keepalive_timeout()
        assert (await served.app.heard.get())["type"] == "websocket.disconnect"


async def test_who_closes_and_never_reads_holds_no_connection() -> None:
    async with serving() as (served, ask):
        client, protocol = await open_socket(ask, served)
        protocol.close_timeout = 0.01
        protocol.transport.write(bytes(2**24))
        close = frame(CLOSE, struct.pack("!H", 1000))
        await asyncio.get_running_loop().sock_sendall(client, close)
        await until(lambda: not served.state.connections)


async def test_fragments_of_a_byte_take_no_more_room_than_their_message() -> None:
    n_fragments = 3 * MAX_FRAGMENTS
    async with serving() as (served, ask):
        client, protocol = await open_socket(ask, served)
        loop = asyncio.get_running_loop()
        first = frame(BINARY, b"a", is_last=False)
        await loop.sock_sendall(client, first + n_fragments * frame(0, b"b", is_last=False))
        await until(lambda: sum(map(len, protocol.frames)) == n_fragments + 1)
        assert len(protocol.frames) <= MAX_FRAGMENTS
        await loop.sock_sendall(client, frame(CONTINUATION, b"c"))
        served.app.listens.set()
        message = await served.app.heard.get()
        assert message["bytes"] == b"a" + n_fragments * b"b" + b"c"


async def test_who_goes_on_sending_after_the_end_is_cut_off() -> None:
    async with serving() as (served, ask):
        client, protocol = await open_socket(ask, served)
        protocol.close_timeout = 1000.0
        await protocol.send({"type": "websocket.close", "code": 1000, "reason": ""})
        loop = asyncio.get_running_loop()
        with suppress(ConnectionError):
            for _ in range(100):
                await loop.sock_sendall(client, frame(BINARY, bytes(LAST_BYTES // 20)))
                await asyncio.sleep(0)
        await until(lambda: not served.state.connections)
