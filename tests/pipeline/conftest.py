"""One transcript's world: real SQLite or PostgreSQL, media in memory, scripted stages."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from earshot.accounts.projects import ensure_project
from earshot.egress.client import GuardedClient
from earshot.egress.fetch import AudioFetcher
from earshot.egress.options import EgressOptions
from earshot.errors import JobCancelled
from earshot.pipeline.stages import Stages
from earshot.pipeline.transcription import Transcription
from earshot.recognition.pool import RecognizerPool
from earshot.storage.database import reading
from earshot.storage.media import MediaStore, open_media_store
from earshot.storage.results import find_result
from earshot.storage.transcripts import (
    NewTranscript,
    TranscriptRow,
    fail_transcript,
    find_transcript,
    insert_transcript,
)
from earshot.storage.uploads import (
    NewUpload,
    UploadRow,
    find_upload,
    insert_upload,
    mark_upload_used,
)
from earshot.testing import (
    HandClock,
    LoudnessDetector,
    ScriptedDecoder,
    ScriptedRecognizer,
    tone,
)
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.result import TranscriptResult


def scripted_stages() -> Stages:
    """Stages that find two seconds of speech in any file, and two words in it."""
    return Stages(
        decoder=ScriptedDecoder(tone(2000)[None]),
        detector=LoudnessDetector(),
        recognizers=RecognizerPool(ScriptedRecognizer()),
    )


@dataclass
class World:
    """Records with one project in them, and what a worker does to them."""

    engine: sa.Engine
    project_id: str
    media: MediaStore = field(default_factory=lambda: open_media_store("memory://"))
    clock: HandClock = field(default_factory=HandClock)
    stages: Stages = field(default_factory=scripted_stages)
    announced: list[str] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: count(1))

    def transcription(self, **changes: Any) -> Transcription:  # noqa: ANN401 - of Stages
        fetcher = AudioFetcher(GuardedClient(), EgressOptions())
        stages = replace(self.stages, **changes)
        return Transcription(self.engine, self.media, fetcher, stages, self.clock)

    def upload(self, content: bytes = b"RIFF") -> UploadRow:
        upload_id = f"upload-{next(self._numbers)}"
        key = f"uploads/{upload_id}"
        self.media.put(key, [content])
        new = NewUpload(upload_id, self.project_id, key, len(content), self.clock())
        with self.engine.begin() as conn:
            return insert_upload(conn, new)

    def submit(
        self,
        options: TranscriptOptions | None = None,
        *,
        upload: UploadRow | None = None,
        **fields: Any,  # noqa: ANN401 - of NewTranscript
    ) -> str:
        """The id of a queued transcript, of an upload of its own unless it has an `audio_url`."""
        if upload is None and "audio_url" not in fields:
            upload = self.upload()
        new = NewTranscript(
            id=f"transcript-{next(self._numbers)}",
            project_id=self.project_id,
            request={},
            options=options or TranscriptOptions(),
            created_at=self.clock(),
            upload_id=None if upload is None else upload.id,
            **{"audio_url": "http://here/upload/1", **fields},
        )
        with self.engine.begin() as conn:
            if upload is not None:
                mark_upload_used(conn, upload.id, self.clock())
            return insert_transcript(conn, new).id

    def completed(self, **fields: Any) -> str:  # noqa: ANN401 - of NewTranscript
        transcript_id = self.submit(**fields)
        self.run(transcript_id)
        return transcript_id

    def run(self, transcript_id: str, transcription: Transcription | None = None) -> None:
        """All steps of its job, one after another."""
        steps = transcription or self.transcription()
        for index in range(steps.prepare(transcript_id)):
            steps.recognize(transcript_id, index)
        announce = self.announcing(transcript_id)
        if not steps.finish(transcript_id, announce):
            steps.ask(transcript_id)
            assert steps.finish(transcript_id, announce)

    def announcing(self, transcript_id: str) -> Callable[[sa.Connection], None]:
        def announce(conn: sa.Connection) -> None:
            assert conn.in_transaction()
            self.announced.append(transcript_id)

        return announce

    def cancel(self, transcript_id: str) -> None:
        with self.engine.begin() as conn:
            fail_transcript(
                conn, transcript_id, "Cancelled by user.", self.clock(), code=JobCancelled.code
            )

    def row(self, transcript_id: str) -> TranscriptRow:
        with reading(self.engine) as conn:
            row = find_transcript(conn, transcript_id)
        assert row is not None
        return row

    def result(self, transcript_id: str) -> TranscriptResult:
        with reading(self.engine) as conn:
            result = find_result(conn, transcript_id)
        assert result is not None
        return result

    def has_upload(self, upload: UploadRow) -> bool:
        """Whether the upload is there; its row and its media go together."""
        with reading(self.engine) as conn:
            row = find_upload(conn, upload.id)
        assert (row is not None) == self.media.exists(upload.media_key)
        return row is not None

    def work(self) -> list[str]:
        """The ids of transcripts that have work files."""
        return self.media.children("work")


@pytest.fixture
def world(engine: sa.Engine) -> World:
    clock = HandClock()
    with engine.begin() as conn:
        project = ensure_project(conn, "default", clock())
    return World(engine, project.id, clock=clock)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A file; what is in it is for the scripted decoder to say."""
    path = tmp_path / "recording"
    path.write_bytes(b"RIFF")
    return path
