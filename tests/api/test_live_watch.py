import asyncio
import json
from collections.abc import Iterator, MutableMapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.websockets import WebSocket

from earshot.api.faults import FaultKind, SessionFault
from earshot.api.live_connection import serve_live
from earshot.api.live_plan import Dialect
from earshot.api.live_services import LiveLimits, LiveServices, LiveSessions
from earshot.api.live_watch import SessionWatch
from earshot.api.realtime import RealtimeDialect
from earshot.api.streaming import StreamingDialect
from earshot.audio.waveform import Samples, pcm16_from_samples
from earshot.testing import silence, spoken_tones
from tests.api.conftest import World
from tests.api.live import ScriptedEngines
from tests.turned_time import run_turned

CHUNK_BYTES = 16_000
CHUNK_S = 0.5


@pytest.fixture
def engines() -> Iterator[ScriptedEngines]:
    engines = ScriptedEngines()
    engines.load()
    yield engines
    engines.close()


class TimedClient:
    """A client that says what it was given, each at its time, and then nothing."""

    def __init__(self, key: str, query: dict[str, object], said: list[tuple[float, Any]]) -> None:
        self.heard: list[tuple[float, dict[str, Any]]] = []
        self.code = 0
        self._said = iter(said)
        self._is_connected = False
        self.scope = {
            "type": "websocket",
            "path": "/",
            "query_string": urlencode(query).encode(),
            "headers": [(b"authorization", key.encode())],
        }

    async def receive(self) -> dict[str, Any]:
        if not self._is_connected:
            self._is_connected = True
            return {"type": "websocket.connect"}
        wait_s, said = next(self._said, (1e6, ""))
        await asyncio.sleep(wait_s)
        name = "bytes" if isinstance(said, bytes) else "text"
        return {"type": "websocket.receive", name: said}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "websocket.close":
            self.code = message["code"]
        elif message["type"] == "websocket.send":
            now_s = asyncio.get_running_loop().time()
            self.heard.append((now_s, json.loads(message["text"])))

    @property
    def began_s(self) -> float:
        return self.heard[0][0]

    def times_of(self, name: str) -> list[float]:
        """When such messages came, in seconds of the session."""
        return [at_s - self.began_s for at_s, told in self.heard if told.get("type") == name]

    @property
    def last(self) -> dict[str, Any]:
        return self.heard[-1][1]

    @property
    def session_s(self) -> float:
        return self.heard[-1][0] - self.began_s


def paced(samples: Samples, pace: float = 1.0) -> list[tuple[float, Any]]:
    """Chunks as they are spoken, or so many times faster."""
    pcm = pcm16_from_samples(samples)
    starts = range(0, len(pcm), CHUNK_BYTES)
    return [(CHUNK_S / pace, pcm[start : start + CHUNK_BYTES]) for start in starts]


def held(
    world: World,
    engines: ScriptedEngines,
    dialect: Dialect,
    said: list[tuple[float, Any]] | None = None,
    *,
    key: str | None = None,
    limits: LiveLimits | None = None,
    **query: object,
) -> TimedClient:
    """The client of a session, after its end."""
    client = TimedClient(key or world.key, query, said or [])

    async def hold() -> None:
        live = LiveServices(engines, LiveSessions(), limits or LiveLimits())
        socket = WebSocket(client.scope, client.receive, client.send)
        await serve_live(socket, replace(world.services, live=live), dialect)

    run_turned(hold())
    return client


def test_a_watch_looks_again_at_the_next_of_its_times() -> None:
    watch = SessionWatch(100.0, max_session_s=60, idle_s=7)
    assert watch.next_s(active_s=100.0) == 105.0
    assert watch.is_beat_due(105.0, 100.0, is_listening=True)
    assert not watch.is_beat_due(105.1, 100.0, is_listening=True)
    assert watch.next_s(active_s=100.0) == 107.0
    assert watch.next_s(active_s=160.0) == 110.0


def test_a_client_that_is_not_listened_to_is_not_silent() -> None:
    watch = SessionWatch(0.0, max_session_s=60, idle_s=7)
    watch.is_beat_due(8.0, 0.0, is_listening=False)
    with pytest.raises(SessionFault) as fault:
        watch.is_beat_due(8.0, 0.0, is_listening=True)
    assert fault.value.kind is FaultKind.INACTIVE


def test_a_silent_client_is_let_go_after_the_seconds_that_it_asked_for(
    world: World, engines: ScriptedEngines
) -> None:
    said = [(3.0, '{"type":"KeepAlive"}'), (4.0, pcm16_from_samples(silence(100)))]
    client = held(world, engines, StreamingDialect("lenient"), said, inactivity_timeout=5)
    assert client.last == {
        "type": "Error",
        "error_code": 3006,
        "error": "Session terminated due to inactivity: No messages received for 5 seconds",
    }
    assert client.code == 3006
    assert client.session_s == pytest.approx(12.0, abs=0.5)


def test_without_a_timeout_silence_lasts_as_long_as_the_session_may(
    world: World, engines: ScriptedEngines
) -> None:
    limits = LiveLimits(max_session_s=90)
    client = held(world, engines, StreamingDialect("lenient"), limits=limits)
    assert client.last["error"] == "Session Expired: Maximum session duration exceeded"
    assert client.code == 3008
    assert client.session_s == pytest.approx(90, abs=0.5)


def test_a_token_s_cap_ends_the_session(world: World, engines: ScriptedEngines) -> None:
    query = {"expires_in_seconds": 60, "max_session_duration_seconds": 60}
    token = world.client.get("/v3/token", params=query).json()["token"]
    client = held(world, engines, StreamingDialect("lenient"), key=token)
    began = client.heard[0][1]
    assert began["expires_at"] - int(world.clock.now.timestamp()) in {59, 60}
    assert client.last == {
        "type": "Error",
        "error_code": 3008,
        "error": "Session Expired: Maximum session duration exceeded",
    }
    assert client.code == 3008
    assert client.session_s == pytest.approx(60, abs=0.5)


def test_heartbeats_come_every_five_seconds_and_tell_how_it_goes(
    world: World, engines: ScriptedEngines
) -> None:
    spoken = [*paced(spoken_tones("one two _ _ _ _ _ _ _ _ _ _")), (0.1, '{"type":"Terminate"}')]
    dialect = StreamingDialect("lenient")
    client = held(world, engines, dialect, spoken, session_heartbeat="true")
    assert client.code == 1000
    assert client.times_of("Heartbeat") == pytest.approx([5.0, 10.0], abs=0.3)
    first, second = [told for _, told in client.heard if told["type"] == "Heartbeat"]
    assert first["total_duration_ms"] == pytest.approx(5_000, abs=300)
    assert first["total_audio_received_ms"] == pytest.approx(5_000, abs=500)
    assert first["realtime_factor"] == pytest.approx(1.0, abs=0.2)
    assert first["max_speech_probability"] > 0.5 > second["max_speech_probability"]


def test_nobody_who_did_not_ask_is_told_heartbeats(world: World, engines: ScriptedEngines) -> None:
    said = [(12.0, '{"type":"Terminate"}')]
    client = held(world, engines, StreamingDialect("lenient"), said)
    assert client.times_of("Heartbeat") == []


def test_heartbeats_may_be_asked_for_later(world: World, engines: ScriptedEngines) -> None:
    update = '{"type":"UpdateConfiguration","session_heartbeat":true}'
    said = [(7.0, update), (4.0, '{"type":"Terminate"}')]
    client = held(world, engines, StreamingDialect("lenient"), said)
    assert client.times_of("Heartbeat") == pytest.approx([10.0], abs=0.3)


def test_a_silent_client_of_the_first_api_is_let_go_after_a_minute(
    world: World, engines: ScriptedEngines
) -> None:
    dialect = RealtimeDialect(world.clock)
    client = held(world, engines, dialect, paced(silence(2000)), sample_rate=16_000)
    assert client.last == {"error": "Session idle for too long"}
    assert client.code == 4031
    assert client.session_s == pytest.approx(62, abs=0.5)


def test_a_session_of_the_first_api_expires(world: World, engines: ScriptedEngines) -> None:
    limits = LiveLimits(max_session_s=30)
    dialect = RealtimeDialect(world.clock)
    client = held(world, engines, dialect, sample_rate=16_000, limits=limits)
    assert client.last == {"error": "Session Expired"}
    assert client.code == 4008


@pytest.mark.parametrize(
    ("is_first_api", "code", "error"),
    [
        (True, 4029, "Client sent audio too fast"),
        (False, 3007, "Audio Transmission Rate Exceeded: Received "),
    ],
)
def test_who_is_further_ahead_of_time_than_allowed_is_told_so(
    world: World, engines: ScriptedEngines, *, is_first_api: bool, code: int, error: str
) -> None:
    dialect = RealtimeDialect(world.clock) if is_first_api else StreamingDialect("lenient")
    limits = LiveLimits(max_ahead_s=3.0)
    fast = paced(silence(8_000), pace=2.0)
    client = held(world, engines, dialect, fast, sample_rate=16_000, limits=limits)
    assert client.last["error"].startswith(error)
    assert client.code == code
    assert client.session_s == pytest.approx(3, abs=0.5)


def test_audio_in_its_own_time_is_never_too_fast(world: World, engines: ScriptedEngines) -> None:
    said = [*paced(silence(8_000)), (0.0, '{"type":"Terminate"}')]
    limits = LiveLimits(max_ahead_s=1.0)
    client = held(world, engines, StreamingDialect("lenient"), said, limits=limits)
    assert client.code == 1000
