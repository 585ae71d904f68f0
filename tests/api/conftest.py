"""A whole API over a real SQLite file and a real folder; only the job queue is a ledger."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient

from earshot.accounts.keys import create_key
from earshot.api.app import create_app
from earshot.api.services import ApiOptions, ApiServices, Readiness
from earshot.storage.database import open_database, reading
from earshot.storage.media import open_media_store
from earshot.storage.transcripts import (
    TranscriptRow,
    begin_transcript,
    complete_transcript,
    fail_transcript,
    find_transcript,
)
from earshot.transcript.result import TranscriptResult
from earshot.transcript.words import Utterance, Word

AUDIO_URL = "https://example.com/smoke.mp3"
NOON = datetime(2026, 3, 5, 12, 0, 0, 123456, UTC)


class HandClock:
    """A clock that we turn by hand; every look at it also takes a microsecond."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now

    def turn(self, **elapsed: float) -> None:
        self.now += timedelta(**elapsed)


@dataclass
class JobLedger:
    """A job queue that runs nothing and remembers what it was asked for."""

    submitted: list[tuple[str, str]] = field(default_factory=list)
    announced: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    n_loaded: int = 0
    failure: Exception | None = None

    def submit(
        self, conn: sa.Connection, job_id: str, *, account_id: str, priority: int = 0
    ) -> None:
        assert conn.in_transaction()
        assert priority == 0
        if self.failure is not None:
            raise self.failure
        self.submitted.append((job_id, account_id))

    def announce(self, conn: sa.Connection, job_id: str) -> None:
        assert conn.in_transaction()
        self.announced.append(job_id)

    def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)

    def forget(self, job_id: str) -> None:
        self.forgotten.append(job_id)

    def load(self, account_id: str) -> int:
        assert account_id
        return self.n_loaded


@dataclass
class World:
    """The API with a client that holds a key, and what lies behind it."""

    services: ApiServices
    jobs: JobLedger
    clock: HandClock
    key: str
    media_folder: Path
    # An application takes its time over the first request for each of its routes.
    _app: FastAPI | None = None

    @property
    def client(self) -> TestClient:
        return self.client_with(self.key)

    def client_with(self, key: str | None, **options: Any) -> TestClient:  # noqa: ANN401 - of ApiOptions
        """A client with that key, or none, of a server with these options."""
        headers = {} if key is None else {"Authorization": key}
        if options:
            services = replace(self.services, options=replace(self.services.options, **options))
            return TestClient(create_app(services), headers=headers)
        if self._app is None or self._app.state.services is not self.services:
            self._app = create_app(self.services)
        return TestClient(self._app, headers=headers)

    def new_key(self, name: str, project: str) -> str:
        with self.services.engine.begin() as conn:
            return create_key(conn, name, project, self.clock()).secret

    def upload(self, content: bytes = b"RIFF") -> str:
        url: str = self.client.post("/v2/upload", content=content).json()["upload_url"]
        return url

    def submit(self, **parameters: object) -> str:
        """The id of a transcript, submitted a second after what went before."""
        self.clock.turn(seconds=1)
        answer = self.client.post("/v2/transcript", json={"audio_url": AUDIO_URL, **parameters})
        assert answer.status_code == 200, answer.text
        transcript_id: str = answer.json()["id"]
        return transcript_id

    def begin(self, transcript_id: str) -> None:
        with self.services.engine.begin() as conn:
            begin_transcript(conn, transcript_id, self.clock())

    def complete(self, transcript_id: str, result: TranscriptResult) -> None:
        self.begin(transcript_id)
        with self.services.engine.begin() as conn:
            complete_transcript(conn, transcript_id, result, self.clock())

    def fail(self, transcript_id: str, error_text: str) -> None:
        with self.services.engine.begin() as conn:
            fail_transcript(conn, transcript_id, error_text, self.clock(), code="audio_too_short")

    def completed(self, result: TranscriptResult, **parameters: object) -> str:
        transcript_id = self.submit(**parameters)
        self.complete(transcript_id, result)
        return transcript_id

    def row(self, transcript_id: str) -> TranscriptRow:
        with reading(self.services.engine) as conn:
            row = find_transcript(conn, transcript_id)
        assert row is not None
        return row

    def stored_files(self) -> list[str]:
        """Every file of the media store."""
        return [path.name for path in self.media_folder.rglob("*") if path.is_file()]


def result_of(text: str, **changes: Any) -> TranscriptResult:  # noqa: ANN401 - of its fields
    """A result in which the words of the text follow one another, half a second each."""
    words = spoken(text)
    made = TranscriptResult(
        words=words,
        utterances=None,
        duration_ms=500 * len(words) + 780,
        n_channels=None,
        language_code="en_us",
        engine="moonshine-tiny",
    )
    return replace(made, **changes)


def spoken(text: str, *, start_ms: int = 0, channel: int | None = None) -> tuple[Word, ...]:
    return tuple(
        Word(word, start_ms + 500 * index, start_ms + 500 * index + 400, 0.9, channel=channel)
        for index, word in enumerate(text.split())
    )


def two_channels(*texts: str) -> TranscriptResult:
    """A result in which every text is said on a channel of its own, at the same time."""
    tracks = [spoken(text, channel=number) for number, text in enumerate(texts, start=1)]
    words: Sequence[Word] = sorted(
        (word for track in tracks for word in track), key=lambda word: word.start_ms
    )
    utterances = tuple(
        Utterance(words=track, speaker=str(number), channel=number)
        for number, track in enumerate(tracks, start=1)
    )
    return result_of("", words=tuple(words), utterances=utterances, n_channels=len(texts))


@pytest.fixture
def engine(sqlite_tables: Path, tmp_path: Path) -> Iterator[sa.Engine]:
    shutil.copy(sqlite_tables, tmp_path / "earshot.db")
    opened = open_database(f"sqlite:///{tmp_path / 'earshot.db'}")
    yield opened
    opened.dispose()


@pytest.fixture
def make_world(tmp_path: Path) -> Callable[[sa.Engine], World]:
    def make(engine: sa.Engine) -> World:
        clock = HandClock()
        jobs = JobLedger()
        media_folder = tmp_path / "media"
        services = ApiServices(
            engine=engine,
            media=open_media_store(str(media_folder)),
            jobs=jobs,
            options=ApiOptions(),
            readiness=_ready,
            clock=clock,
        )
        with engine.begin() as conn:
            key = create_key(conn, "first", "default", clock()).secret
        return World(services, jobs, clock, key, media_folder)

    return make


@pytest.fixture
def world(engine: sa.Engine, make_world: Callable[[sa.Engine], World]) -> World:
    return make_world(engine)


def _ready() -> Readiness:
    return "ready"
