import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from earshot.api.certificates import ensure_local_certificates
from earshot.api.live_socket import LiveSocketProtocol
from earshot.api.reading import READ_BYTES, read_little_at_once

N_CHUNKS = 2**16
MOST_AT_ONCE = 2 * READ_BYTES  # of TLS, with what was left of the record before
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
EMPTY_PING = bytes([0x89, 0x80, 0, 0, 0, 0])
BYE = bytes([0x88, 0x80, 0, 0, 0, 0])
n_read: list[int] = []


class NotingHttp(H11Protocol):
    @override
    def data_received(self, data: bytes) -> None:
        n_read.append(len(data))
        super().data_received(data)


class NotingSocket(LiveSocketProtocol):
    @override
    def data_received(self, data: bytes) -> None:
        n_read.append(len(data))
        super().data_received(data)


async def count_body(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the length of the body; takes a WebSocket to its end."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    n_bytes, more = 0, True
    while more:
        message = await receive()
        n_bytes += len(message["body"])
        more = message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"%d bytes" % n_bytes})


@asynccontextmanager
async def connected(
    server_tls: ssl.SSLContext | None, client_tls: ssl.SSLContext | None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    config = uvicorn.Config(count_body, http=NotingHttp, ws=NotingSocket, log_config=None)
    config.load()
    state = ServerState()
    n_read.clear()
    read_little_at_once()

    def make() -> NotingHttp:
        return NotingHttp(config=config, server_state=state, app_state={})

    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0, ssl=server_tls)
    host, port = server.sockets[0].getsockname()
    name = None if client_tls is None else "localhost"
    reader, writer = await asyncio.open_connection(host, port, ssl=client_tls, server_hostname=name)
    async with asyncio.timeout(30), server:
        yield reader, writer
        writer.close()


@pytest.fixture(params=["plain", "tls"])
def contexts(
    request: pytest.FixtureRequest, tmp_path: Path
) -> tuple[ssl.SSLContext | None, ssl.SSLContext | None]:
    if request.param == "plain":
        return None, None
    made = ensure_local_certificates(tmp_path / "certificates", [], datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.cert_path, made.key_path)
    return context, ssl.create_default_context(cafile=made.ca_path)


async def test_chunks_of_a_byte_are_read_in_small_pieces_and_none_is_lost(
    contexts: tuple[ssl.SSLContext | None, ssl.SSLContext | None],
) -> None:
    async with connected(*contexts) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"1\r\na\r\n" * N_CHUNKS + b"0\r\n\r\n")
        await reader.readuntil(b"%d bytes" % N_CHUNKS)
        assert sum(n_read) > 6 * N_CHUNKS
        assert max(n_read) <= MOST_AT_ONCE


async def test_empty_frames_of_a_websocket_are_read_in_small_pieces(
    contexts: tuple[ssl.SSLContext | None, ssl.SSLContext | None],
) -> None:
    async with connected(*contexts) as (reader, writer):
        writer.write(UPGRADE)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(EMPTY_PING * N_CHUNKS + BYE)
        while BYE[:1] not in await reader.read(READ_BYTES):  # behind the answers to some of them
            pass
        assert sum(n_read) > 6 * N_CHUNKS
        assert max(n_read) <= MOST_AT_ONCE
