import asyncio
import resource
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass

from typing_extensions import override

from earshot.api.connections import ConnectionGate


@dataclass
class Cycle:
    response_complete: bool = True


class Talker(asyncio.Protocol):
    """As uvicorn's: among the connections while it is open, and with a cycle once asked.

    An x is a whole request, and answered; a w is one whose answer takes long; a dot is of the head
    of another.
    """

    def __init__(self, connections: set["Talker"]) -> None:
        self.cycle: Cycle | None = None
        self._connections = connections

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._connections.add(self)

    @override
    def data_received(self, data: bytes) -> None:
        if data == b".":
            return
        self.cycle = Cycle(response_complete=data == b"x")
        assert isinstance(self.transport, asyncio.Transport)
        self.transport.write(b"heard")

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)


async def serve(*, most: int, request_s: float) -> tuple[asyncio.Server, int]:
    connections: set[Talker] = set()
    gate = ConnectionGate(lambda: Talker(connections), connections, most=most, request_s=request_s)
    server = await asyncio.get_running_loop().create_server(gate, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


async def test_one_connection_too_many_is_closed_and_the_others_go_on() -> None:
    server, port = await serve(most=1, request_s=30)
    async with server:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x")
        assert await reader.readexactly(5) == b"heard"
        surplus, its_writer = await asyncio.open_connection("127.0.0.1", port)
        assert await surplus.read() == b""
        its_writer.close()
        writer.write(b"x")
        assert await reader.readexactly(5) == b"heard"
        writer.close()


async def test_a_connection_on_which_nothing_is_asked_is_closed() -> None:
    server, port = await serve(most=9, request_s=0.05)
    async with server:
        silent, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await silent.read() == b""
        writer.close()


async def test_a_connection_whose_next_request_is_never_whole_is_closed() -> None:
    server, port = await serve(most=9, request_s=0.1)
    async with server:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x")
        assert await reader.readexactly(5) == b"heard"
        began_s = asyncio.get_running_loop().time()
        closed = asyncio.create_task(reader.read())
        while not closed.done():
            writer.write(b".")
            await asyncio.sleep(0.02)
            assert asyncio.get_running_loop().time() - began_s < 10
        with suppress(ConnectionResetError):  # by the last dot, which nobody read
            assert await closed == b""
        writer.close()


async def test_an_answer_may_take_long() -> None:
    server, port = await serve(most=9, request_s=0.05)
    async with server:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"w")
        assert await reader.readexactly(5) == b"heard"
        await asyncio.sleep(0.3)
        writer.write(b"x")
        assert await reader.readexactly(5) == b"heard"
        writer.close()


def test_the_limit_of_open_files_is_raised_to_what_the_process_may_have() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    code = (
        "import resource\n"
        "from earshot.api.connections import raise_file_limit\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, (64, {hard}))\n"
        "told = raise_file_limit()\n"
        "print(told == resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 64)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
