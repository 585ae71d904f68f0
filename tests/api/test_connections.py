import asyncio
import resource
import subprocess
import sys
from dataclasses import dataclass

import pytest
from typing_extensions import override

from earshot.api.connections import ConnectionGate
from tests.turned_time import run_turned


@dataclass
class Cycle:
    """As uvicorn's: one request, its body and its answer."""

    response_complete: bool = True
    more_body: bool = False


class Talker(asyncio.Protocol):
    """As uvicorn's: among the connections while it is open; each piece of data is a request."""

    def __init__(self, connections: set["Talker"]) -> None:
        self.cycle: Cycle | None = None
        self._connections = connections

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._connections.add(self)

    @override
    def data_received(self, data: bytes) -> None:
        self.cycle = Cycle()
        assert isinstance(self.transport, asyncio.Transport)
        self.transport.write(b"heard")

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)


class Held(asyncio.Protocol):
    """A connection of which only the end is of interest."""

    def __init__(self, cycle: Cycle | None) -> None:
        self.cycle = cycle
        self.transport = self
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


async def serve(*, most: int) -> tuple[asyncio.Server, int]:
    connections: set[Talker] = set()
    gate = ConnectionGate(lambda: Talker(connections), connections, most=most)
    server = await asyncio.get_running_loop().create_server(gate, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


async def test_one_connection_too_many_is_closed_and_the_others_go_on() -> None:
    server, port = await serve(most=1)
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


@pytest.mark.parametrize(
    ("cycle", "held_s"),
    [
        (None, 30),  # nothing was asked
        (Cycle(), 60),  # nothing whole after what was answered
        (Cycle(more_body=True), 630),  # the body of what was refused may still be coming
        (Cycle(response_complete=False), None),  # an answer may take long
        (Cycle(response_complete=False, more_body=True), None),  # so may an upload
    ],
)
def test_a_connection_on_which_nothing_is_asked_is_closed(
    cycle: Cycle | None, held_s: int | None
) -> None:
    async def hold(duration_s: float) -> bool:
        connection = Held(cycle)
        gate = ConnectionGate(lambda: connection, {connection}, most=9)
        assert gate() is connection
        await asyncio.sleep(duration_s)
        return not connection.is_closed

    assert run_turned(hold(200 if held_s is None else held_s - 1))
    if held_s is not None:
        assert not run_turned(hold(held_s + 1))


def test_a_connection_on_which_something_is_asked_now_and_then_stays_open() -> None:
    async def ask() -> bool:
        connection = Held(None)
        ConnectionGate(lambda: connection, {connection}, most=9)()
        for _ in range(20):
            connection.cycle = Cycle()
            await asyncio.sleep(29)
        return not connection.is_closed

    assert run_turned(ask())


def test_what_is_closed_or_became_a_websocket_is_left_alone() -> None:
    async def leave() -> bool:
        connection = Held(None)
        connections = {connection}
        gate = ConnectionGate(lambda: connection, connections, most=9)
        gate()
        connections.clear()
        await asyncio.sleep(60)
        return not connection.is_closed

    assert run_turned(leave())


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
