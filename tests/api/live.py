"""Live sessions through the whole API, with a recognizer that hears words in tones."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from earshot.api.app import create_app
from earshot.api.live_services import (
    LiveLimits,
    LiveParts,
    LiveServices,
    LiveSessions,
    Secrets,
    Voices,
)
from earshot.audio.waveform import SAMPLE_RATE, Samples, pcm16_from_samples
from earshot.recognition.recognizer import Recognizer
from earshot.storage.database import reading
from earshot.storage.live_sessions import LiveSessionRow
from earshot.storage.schema import live_sessions
from earshot.streaming.hearing import SharedHearing
from earshot.streaming.shared_secrets import SharedSecrets
from earshot.streaming.shared_voices import SharedVoices
from earshot.testing import LoudnessDetector, ToneRecognizer, spoken_tones
from earshot.understanding.entities.candidates import Tagger
from tests.api.conftest import World
from tests.listener import TWO_VOICES, NumbersAreNames
from tests.processes import until

CHUNK_SAMPLES = SAMPLE_RATE // 10

Message = dict[str, Any]


@dataclass
class ScriptedEngines:
    """One engine for English, and, where wanted, another for everything."""

    recognizer: Recognizer = field(default_factory=ToneRecognizer)
    has_whisper: bool = False
    future: "Future[LiveParts]" = field(default_factory=Future)
    hearings: list[SharedHearing] = field(default_factory=list)
    shared_voices: SharedVoices = field(default_factory=lambda: SharedVoices(TWO_VOICES))
    tagger: Tagger = field(default_factory=NumbersAreNames)
    shared_secrets: list[SharedSecrets] = field(default_factory=list)

    def choose(self, *, language: str | None, is_multilingual: bool) -> str | None:
        if is_multilingual or language not in {None, "en"}:
            return "whisper-tiny" if self.has_whisper else None
        return "tones"

    def knows(self, engine: str, language: str) -> bool:
        return engine == "whisper-tiny" or language == "en"

    def parts(self, engine: str) -> "Future[LiveParts]":
        assert engine
        return self.future

    def voices(self) -> "Future[Voices]":
        future: Future[Voices] = Future()
        future.set_result(self.shared_voices)
        return future

    def secrets(self, *, finds_names: bool) -> "Future[Secrets]":
        self.shared_secrets.append(SharedSecrets(self.tagger if finds_names else None))
        future: Future[Secrets] = Future()
        future.set_result(self.shared_secrets[-1])
        return future

    def load(self) -> None:
        hearing = SharedHearing(self.recognizer)
        self.hearings.append(hearing)
        self.future.set_result(LiveParts(LoudnessDetector(), hearing))

    def close(self) -> None:
        for hearing in self.hearings:
            hearing.close()
        self.shared_voices.close()
        for secrets in self.shared_secrets:
            secrets.close()


@dataclass
class LiveWorld:
    """The API with live sessions, and a key to open them with."""

    world: World
    engines: ScriptedEngines
    live: LiveServices
    client: TestClient

    @contextmanager
    def session(
        self, path: str = "/v3/ws", key: str | None = None, **query: object
    ) -> Iterator["Spoken"]:
        """A socket, by the world's key where none is given."""
        headers = {"Authorization": self.world.key if key is None else key}
        with self.client.websocket_connect(path, params=query, headers=headers) as socket:
            yield Spoken(socket)

    def refused(self, path: str = "/v3/ws", key: str | None = None, **query: object) -> "Ended":
        """How a session ends that must not begin."""
        with self.session(path, key, **query) as spoken:
            return spoken.end()

    def await_row(self) -> LiveSessionRow:
        """What is stored of the one session that there was."""
        (row,) = until(self.rows, "the session is stored")
        return row

    def rows(self) -> list[LiveSessionRow]:
        with reading(self.world.services.engine) as conn:
            return [
                LiveSessionRow(**row._mapping) for row in conn.execute(sa.select(live_sessions))
            ]


@dataclass
class Ended:
    """What a session told, and how it was closed."""

    messages: list[Message]
    code: int
    reason: str

    def of(self, name: str) -> list[Message]:
        return [message for message in self.messages if message.get("type") == name]

    @property
    def error(self) -> str:
        (error,) = self.of("Error")
        assert error["error_code"] == self.code
        text: str = error["error"]
        return text


class Spoken:
    """One live session, from the client's side."""

    def __init__(self, socket: WebSocketTestSession) -> None:
        self.socket = socket

    def read(self) -> Message:
        message: Message = self.socket.receive_json()
        return message

    def read_until(self, is_it: Callable[[Message], bool]) -> Message:
        while not is_it(message := self.read()):
            pass
        return message

    def tell(self, message: object) -> None:
        self.socket.send_text(message if isinstance(message, str) else json.dumps(message))

    def send(self, chunk: bytes) -> None:
        self.socket.send_bytes(chunk)

    def say(self, text: str) -> None:
        """Speak in tones; `_` is a second of silence."""
        self.play(spoken_tones(text))

    def play(self, samples: Samples) -> None:
        for start in range(0, len(samples), CHUNK_SAMPLES):
            self.send(pcm16_from_samples(samples[start : start + CHUNK_SAMPLES]))

    def end(self) -> Ended:
        """Whatever is told until the server closes."""
        messages: list[Message] = []
        try:
            while True:
                messages.append(self.read())
        except WebSocketDisconnect as closed:
            return Ended(messages, closed.code, closed.reason or "")

    def vanish(self) -> None:
        """Be gone without a word."""
        self.socket.close(1006)

    def terminate(self) -> Ended:
        self.tell({"type": "Terminate"})
        return self.end()


@contextmanager
def open_live_world(
    world: World,
    *,
    is_loaded: bool = True,
    has_whisper: bool = False,
    **options: Any,  # noqa: ANN401 - of LiveLimits and ApiOptions
) -> Iterator[LiveWorld]:
    limit_names = LiveLimits.__dataclass_fields__.keys()
    limits = {name: value for name, value in options.items() if name in limit_names}
    others = {name: value for name, value in options.items() if name not in limit_names}
    engines = ScriptedEngines(has_whisper=has_whisper)
    if is_loaded:
        engines.load()
    live = LiveServices(engines, LiveSessions(), LiveLimits(**limits))
    services = replace(world.services, live=live, options=replace(world.services.options, **others))
    with TestClient(create_app(services)) as client:
        yield LiveWorld(world, engines, live, client)
    engines.close()
