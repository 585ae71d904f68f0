import asyncio
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import QueryParams
from starlette.websockets import WebSocket
from typing_extensions import override
from uvicorn.protocols.utils import ClientDisconnected

from earshot.api.live_connection import serve_live
from earshot.api.live_plan import SessionPlan
from earshot.api.live_reaper import SessionReaper
from earshot.api.live_services import LiveLimits, LiveServices, LiveSessions
from earshot.api.streaming import StreamingDialect
from earshot.audio.waveform import Samples, Waveform, pcm16_from_samples
from earshot.jobs.locks import FileLocks
from earshot.recognition.recognizer import NO_HINTS, Hints, Recognition, Recognizer
from earshot.storage.database import reading
from earshot.storage.live_sessions import STILL_OPEN
from earshot.storage.schema import live_sessions
from earshot.testing import ToneRecognizer, silence, spoken_tones
from tests.api.conftest import World
from tests.api.live import ScriptedEngines
from tests.turned_time import run_turned


class HandClient:
    """One side of a socket: says what it is told to, and keeps what it is sent."""

    def __init__(self, world: World) -> None:
        self.is_aborted = False
        self.sent: list[MutableMapping[str, Any]] = []
        self._incoming = asyncio.Queue[dict[str, Any]]()
        self._incoming.put_nowait({"type": "websocket.connect"})
        self._all_taken = asyncio.Event()
        self.scope = {
            "type": "websocket",
            "path": "/v3/ws",
            "query_string": b"",
            "headers": [(b"authorization", world.key.encode())],
            "extensions": {"earshot.abort": {"abort": self._abort}},
        }

    def say(self, samples: Samples) -> None:
        pcm = pcm16_from_samples(samples)
        for start in range(0, len(pcm), 3200):
            chunk = pcm[start : start + 3200]
            self._incoming.put_nowait({"type": "websocket.receive", "bytes": chunk})

    def terminate(self) -> None:
        self._all_taken.clear()
        self.say_text('{"type":"Terminate"}')

    def say_text(self, text: str) -> None:
        self._incoming.put_nowait({"type": "websocket.receive", "text": text})

    def hang_up(self) -> None:
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1006})

    async def all_taken(self) -> None:
        """Wait until the server has taken everything that was said, and dealt with it."""
        await self._all_taken.wait()
        for _ in range(10):
            await asyncio.sleep(0)

    async def receive(self) -> dict[str, Any]:
        message = await self._incoming.get()
        if self._incoming.empty():
            self._all_taken.set()
        return message

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.sent.append(message)

    @property
    def told(self) -> list[str]:
        """The types of the messages, in their order; a code at last."""
        texts = [json.loads(one["text"]) for one in self.sent if one["type"] == "websocket.send"]
        codes = [str(one["code"]) for one in self.sent if one["type"] == "websocket.close"]
        return [*(text["type"] for text in texts), *codes]

    def _abort(self) -> None:
        self.is_aborted = True


class DeafClient(HandClient):
    """Never reads: whatever is sent to it after two messages waits for ever."""

    @override
    async def send(self, message: MutableMapping[str, Any]) -> None:
        if len(self.sent) >= 2:
            await asyncio.Event().wait()
        await super().send(message)


class HastyClient(HandClient):
    """Hangs up as soon as it has read `Termination`."""

    @override
    async def send(self, message: MutableMapping[str, Any]) -> None:
        if "Termination" in self.told:
            raise ClientDisconnected
        await super().send(message)


class GatedRecognizer:
    """Recognises nothing before its gate is opened, and then, where it `fails`, nothing either."""

    name = "gated"
    languages = frozenset({"en"})

    def __init__(self, *, fails: bool = False) -> None:
        self.gate = threading.Event()
        self._fails = fails

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        self.gate.wait()
        if self._fails:
            raise OSError("/secret/path")
        return ToneRecognizer().recognize(segments, hints)


class ImpatientDialect(StreamingDialect):
    """Ends a session of which nothing came for half a second."""

    @override
    def plan(self, query: QueryParams, live: LiveServices) -> SessionPlan:
        return replace(super().plan(query, live), idle_s=0.5)


@pytest.fixture
def engines() -> Iterator[ScriptedEngines]:
    engines = ScriptedEngines(recognizer=ToneRecognizer())
    engines.load()
    yield engines
    engines.close()


@contextmanager
def loaded(recognizer: Recognizer) -> Iterator[LiveServices]:
    engines = ScriptedEngines(recognizer=recognizer)
    engines.load()
    yield LiveServices(engines, LiveSessions())
    engines.close()


def start(
    world: World, live: LiveServices, client: HandClient, dialect: StreamingDialect | None = None
) -> "asyncio.Task[None]":
    socket = WebSocket(client.scope, client.receive, client.send)
    services = replace(world.services, live=live)
    dialect = StreamingDialect("lenient") if dialect is None else dialect
    return asyncio.create_task(serve_live(socket, services, dialect))


async def test_a_client_that_does_not_read_is_cut_off_and_counted(
    world: World, engines: ScriptedEngines
) -> None:
    limits = LiveLimits(max_waiting_bytes=1000, flush_s=0.05)
    live = LiveServices(engines, LiveSessions(), limits)
    client = DeafClient(world)
    client.say(spoken_tones("one two three four _ _ five six seven _ _"))
    await start(world, live, client)
    assert client.is_aborted
    with reading(world.services.engine) as conn:
        (row,) = conn.execute(live_sessions.select())
    assert row.close_code == 3005
    assert live.sessions.find(row.id) is None


async def test_a_client_that_hangs_up_on_the_last_message_is_no_failure(
    world: World, engines: ScriptedEngines, caplog: pytest.LogCaptureFixture
) -> None:
    client = HastyClient(world)
    client.terminate()
    with caplog.at_level(logging.INFO):
        await start(world, LiveServices(engines, LiveSessions()), client)
    assert client.told == ["Begin", "Termination"]
    events = [record.message for record in caplog.records if record.name.startswith("earshot")]
    assert events == ["live_session_began", "live_session_ended"]


async def test_a_session_whose_last_turn_cannot_be_heard_does_not_end_well(world: World) -> None:
    recognizer = GatedRecognizer(fails=True)
    client = HandClient(world)
    with loaded(recognizer) as live:
        client.say(spoken_tones("one two three"))
        client.terminate()
        session = start(world, live, client)
        await client.all_taken()
        recognizer.gate.set()
        await session
    assert client.told == ["Begin", "Error", "3005"]
    with reading(world.services.engine) as conn:
        (row,) = conn.execute(live_sessions.select())
    assert row.close_code == 3005


@pytest.mark.parametrize(
    ("end", "code"), [(HandClient.hang_up, 1006), (lambda client: client.say_text("{"), 3006)]
)
async def test_what_nobody_will_read_is_not_heard(
    world: World, end: Callable[[HandClient], None], code: int
) -> None:
    recognizer = GatedRecognizer()
    client = HandClient(world)
    with loaded(recognizer) as live:
        client.say(spoken_tones("one two three"))
        end(client)
        try:
            await asyncio.wait_for(start(world, live, client), 10)
        finally:
            recognizer.gate.set()
    with reading(world.services.engine) as conn:
        (row,) = conn.execute(live_sessions.select())
    assert row.close_code == code
    assert row.audio_ms > 500


async def test_a_client_that_is_not_read_is_not_idle_and_costs_nothing(world: World) -> None:
    recognizer = GatedRecognizer()
    client = HandClient(world)
    with loaded(recognizer) as live:
        client.say(spoken_tones("one two three four " * 16))  # 22 s: more than is taken
        session = start(world, live, client, ImpatientDialect("lenient"))
        await asyncio.sleep(1.0)
        began_s = time.process_time()
        await asyncio.sleep(1.0)
        busy_s = time.process_time() - began_s
        recognizer.gate.set()
        client.terminate()
        await session
    assert busy_s < 0.5
    assert client.told[-2:] == ["Termination", "1000"]


def test_how_far_a_session_has_come_is_written_down_while_it_goes_on(
    world: World, engines: ScriptedEngines, tmp_path: Path
) -> None:
    async def hold() -> list[int]:
        locks = FileLocks(tmp_path / "locks")
        live = LiveServices(engines, LiveSessions(), locks=locks)
        client = HandClient(world)
        socket = WebSocket(client.scope, client.receive, client.send)
        services = replace(world.services, live=live)
        serving = asyncio.create_task(serve_live(socket, services, StreamingDialect("lenient")))
        noted = []
        for _ in range(3):
            client.say(silence(500))
            await asyncio.sleep(10)
            with reading(world.services.engine) as conn:
                (row,) = conn.execute(live_sessions.select())
            assert row.close_code == STILL_OPEN
            assert SessionReaper(services, FileLocks(tmp_path / "locks")).look() == 0
            noted.append(row.audio_ms)
        client.terminate()
        await serving
        return noted

    noted = run_turned(hold())
    assert noted == sorted(noted)
    assert noted[-1] >= 1000
    with reading(world.services.engine) as conn:
        (row,) = conn.execute(live_sessions.select())
    assert (row.audio_ms, row.close_code) == (1500, 1000)
    assert list((tmp_path / "locks").iterdir()) == []
