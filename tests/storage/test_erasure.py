from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from earshot.accounts.projects import ensure_project
from earshot.errors import TransitionImpossible
from earshot.storage.database import open_database, upgrade_schema
from earshot.storage.erasure import erase_transcript, work_prefix
from earshot.storage.media import MediaStore, open_media_store
from earshot.storage.transcripts import (
    NewTranscript,
    TranscriptRow,
    fail_transcript,
    insert_transcript,
)
from earshot.storage.uploads import NewUpload, find_upload, insert_upload
from earshot.transcript.options import TranscriptOptions

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    engine = open_database(f"sqlite:///{tmp_path / 'test.db'}")
    upgrade_schema(engine)
    return engine


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return open_media_store(str(tmp_path / "media"))


def store_two_of_one_upload(
    conn: sa.Connection, media: MediaStore
) -> tuple[TranscriptRow, TranscriptRow]:
    project = ensure_project(conn, "default", NOW)
    media.put("uploads/u", [b"sound"])
    insert_upload(conn, NewUpload("u", project.id, "uploads/u", 5, NOW))
    first, second = (
        insert_transcript(
            conn,
            NewTranscript(
                id=name,
                project_id=project.id,
                audio_url="http://here/upload/u",
                request={},
                options=TranscriptOptions(),
                created_at=NOW,
                upload_id="u",
            ),
        )
        for name in ("first", "second")
    )
    return first, second


def test_an_upload_stays_while_another_transcript_awaits_it(
    engine: sa.Engine, media: MediaStore
) -> None:
    with engine.begin() as conn:
        first, second = store_two_of_one_upload(conn, media)
        media.put(f"{work_prefix('first')}/words-0", [b"[]"])
        ended = fail_transcript(conn, first.id, "broken", NOW)
        erase_transcript(conn, media, ended, NOW)
        assert media.exists("uploads/u")
        assert not media.exists(f"{work_prefix('first')}/words-0")

        ended = fail_transcript(conn, second.id, "broken", NOW)
        erase_transcript(conn, media, ended, NOW)
        assert not media.exists("uploads/u")
        assert find_upload(conn, "u") is None


def test_what_is_under_way_is_not_erased(engine: sa.Engine, media: MediaStore) -> None:
    with engine.begin() as conn:
        first, _ = store_two_of_one_upload(conn, media)
        with pytest.raises(TransitionImpossible):
            erase_transcript(conn, media, first, NOW)
        assert media.exists("uploads/u")
