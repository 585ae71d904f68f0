import asyncio
import resource
import subprocess
import sys

from typing_extensions import override

from earshot.api.connections import ConnectionGate


class Talker(asyncio.Protocol):
    """As uvicorn's: among the connections while it is open, and with a cycle once asked."""

    def __init__(self, connections: set["Talker"]) -> None:
        self.cycle: bytes | None = None
        self._connections = connections

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._connections.add(self)

    @override
    def data_received(self, data: bytes) -> None:
        self.cycle = data
        assert isinstance(self.transport, asyncio.Transport)
        self.transport.write(b"heard")

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)


async def serve(*, most: int, first_request_s: float) -> tuple[asyncio.Server, int]:
    connections: set[Talker] = set()
    gate = ConnectionGate(
        lambda: Talker(connections), connections, most=most, first_request_s=first_request_s
    )
    server = await asyncio.get_running_loop().create_server(gate, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


async def test_one_connection_too_many_is_closed_and_the_others_go_on() -> None:
    server, port = await serve(most=1, first_request_s=30)
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
    server, port = await serve(most=9, first_request_s=0.05)
    async with server:
        asking, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x")
        assert await asking.readexactly(5) == b"heard"
        silent, its_writer = await asyncio.open_connection("127.0.0.1", port)
        assert await silent.read() == b""
        writer.write(b"x")
        assert await asking.readexactly(5) == b"heard"
        writer.close()
        its_writer.close()


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
