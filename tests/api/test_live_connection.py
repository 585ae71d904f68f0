import asyncio
from collections.abc import Iterator, MutableMapping
from dataclasses import replace
from typing import Any

import pytest
from starlette.websockets import WebSocket

from earshot.api.live_connection import serve_live
from earshot.api.live_services import LiveLimits, LiveServices, LiveSessions
from earshot.api.streaming import StreamingDialect
from earshot.audio.waveform import pcm16_from_samples
from earshot.storage.database import reading
from earshot.storage.schema import live_sessions
from earshot.testing import ToneRecognizer, spoken_tones
from tests.api.conftest import World
from tests.api.live import ScriptedEngines


class DeafClient:
    """Speaks, and never reads: whatever is sent to it after `n_read` messages waits for ever."""

    def __init__(self, world: World, n_read: int) -> None:
        self.is_aborted = False
        self._n_read = n_read
        self.sent: list[MutableMapping[str, Any]] = []
        self._incoming = asyncio.Queue[dict[str, Any]]()
        self._incoming.put_nowait({"type": "websocket.connect"})
        self.scope = {
            "type": "websocket",
            "path": "/v3/ws",
            "query_string": b"",
            "headers": [(b"authorization", world.key.encode())],
            "extensions": {"earshot.abort": {"abort": self._abort}},
        }

    def say(self, chunk: bytes) -> None:
        self._incoming.put_nowait({"type": "websocket.receive", "bytes": chunk})

    async def receive(self) -> dict[str, Any]:
        return await self._incoming.get()

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if len(self.sent) >= self._n_read:
            await asyncio.Event().wait()
        self.sent.append(message)

    def _abort(self) -> None:
        self.is_aborted = True


@pytest.fixture
def engines() -> Iterator[ScriptedEngines]:
    engines = ScriptedEngines(recognizer=ToneRecognizer())
    engines.load()
    yield engines
    engines.close()


async def test_a_client_that_does_not_read_is_cut_off_and_counted(
    world: World, engines: ScriptedEngines
) -> None:
    limits = LiveLimits(max_waiting_bytes=1000, flush_s=0.05)
    live = LiveServices(engines, LiveSessions(), limits)
    services = replace(world.services, live=live)
    client = DeafClient(world, n_read=2)
    socket = WebSocket(client.scope, client.receive, client.send)
    pcm = pcm16_from_samples(spoken_tones("one two three four _ _ five six seven _ _"))
    for start in range(0, len(pcm), 3200):
        client.say(pcm[start : start + 3200])
    await serve_live(socket, services, StreamingDialect("lenient"))
    assert client.is_aborted
    with reading(world.services.engine) as conn:
        (row,) = conn.execute(live_sessions.select())
    assert row.close_code == 3005
    assert live.sessions.find(row.id) is None
