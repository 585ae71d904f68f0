from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from earshot.accounts.projects import ensure_project
from earshot.errors import TransitionImpossible
from earshot.storage.database import open_database, upgrade_schema
from earshot.storage.erasure import (
    delete_erased_media,
    drop_outlived_uploads,
    erase_transcript,
    redacted_audio_path,
    redacted_key,
    upload_key,
    work_prefix,
)
from earshot.storage.media import MediaStore, open_media_store
from earshot.storage.transcripts import (
    NewTranscript,
    TranscriptRow,
    fail_transcript,
    insert_transcript,
)
from earshot.storage.uploads import (
    NewUpload,
    find_upload,
    hold_upload,
    insert_upload,
    mark_upload_used,
)
from earshot.transcript.options import TranscriptOptions
from tests.lock_waits import is_somebody_waiting
from tests.processes import until

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    engine = open_database(f"sqlite:///{tmp_path / 'test.db'}")
    upgrade_schema(engine)
    return engine


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return open_media_store(str(tmp_path / "media"))


def new_transcript(project_id: str) -> NewTranscript:
    return NewTranscript(
        id="new",
        project_id=project_id,
        audio_url="http://here/upload/u",
        request={},
        options=TranscriptOptions(),
        created_at=NOW,
        upload_id="u",
    )


def store_two_of_one_upload(
    conn: sa.Connection, media: MediaStore
) -> tuple[TranscriptRow, TranscriptRow]:
    project = ensure_project(conn, "default", NOW)
    media.put("uploads/u", [b"sound"])
    insert_upload(conn, NewUpload("u", project.id, "uploads/u", 5, NOW))
    new = new_transcript(project.id)
    first, second = (insert_transcript(conn, replace(new, id=name)) for name in ("first", "second"))
    return first, second


def test_an_upload_stays_while_another_transcript_awaits_it(
    engine: sa.Engine, media: MediaStore
) -> None:
    with engine.begin() as conn:
        first, second = store_two_of_one_upload(conn, media)
    media.put(f"{work_prefix('first')}/words-0", [b"[]"])
    media.put(redacted_key("first", "mp3"), [b"beep"])
    with engine.begin() as conn:
        ended = fail_transcript(conn, first.id, "broken", NOW, code="audio_too_short")
        erasure = erase_transcript(conn, ended, NOW)
    delete_erased_media(media, erasure)
    assert media.exists("uploads/u")
    assert not media.exists(f"{work_prefix('first')}/words-0")
    assert not media.exists(redacted_key("first", "mp3"))

    with engine.begin() as conn:
        ended = fail_transcript(conn, second.id, "broken", NOW, code="audio_too_short")
        erasure = erase_transcript(conn, ended, NOW)
    delete_erased_media(media, erasure)
    assert not media.exists("uploads/u")
    with engine.begin() as conn:
        assert find_upload(conn, "u") is None


def test_no_media_are_deleted_while_the_transaction_may_still_fail(
    engine: sa.Engine, media: MediaStore
) -> None:
    with engine.begin() as conn:
        first, second = store_two_of_one_upload(conn, media)
        fail_transcript(conn, second.id, "broken", NOW, code="audio_too_short")
        ended = fail_transcript(conn, first.id, "broken", NOW, code="audio_too_short")
        erasure = erase_transcript(conn, ended, NOW)
        assert erasure.upload_key == upload_key("u")
        assert media.exists("uploads/u")


def test_what_is_under_way_is_not_erased(engine: sa.Engine, media: MediaStore) -> None:
    with engine.begin() as conn:
        first, _ = store_two_of_one_upload(conn, media)
    with pytest.raises(TransitionImpossible), engine.begin() as conn:
        erase_transcript(conn, first, NOW)
    with engine.begin() as conn:
        assert find_upload(conn, "u") is not None


@pytest.mark.slow
def test_an_upload_that_is_being_submitted_again_is_not_deleted(
    postgres_url: str, media: MediaStore
) -> None:
    engine = open_database(postgres_url)
    upgrade_schema(engine)
    with engine.begin() as conn:
        first, second = store_two_of_one_upload(conn, media)
        fail_transcript(conn, second.id, "broken", NOW, code="audio_too_short")
        ended = fail_transcript(conn, first.id, "broken", NOW, code="audio_too_short")

    def erase() -> str | None:
        with engine.begin() as conn:
            return erase_transcript(conn, ended, NOW).upload_key

    with ThreadPoolExecutor() as pool:
        with engine.begin() as conn:
            assert hold_upload(conn, "u") is not None
            erasing = pool.submit(erase)
            until(lambda: is_somebody_waiting(engine), "the deletion waits for the submit")
            insert_transcript(conn, replace(new_transcript(first.project_id), id="third"))
        assert erasing.result() is None
    with engine.begin() as conn:
        assert find_upload(conn, "u") is not None
    engine.dispose()


def test_an_upload_outlives_its_last_transcript_by_the_given_time(
    engine: sa.Engine, media: MediaStore
) -> None:
    with engine.begin() as conn:
        first, second = store_two_of_one_upload(conn, media)
        mark_upload_used(conn, "u", NOW)
        fail_transcript(conn, first.id, "broken", NOW, code="audio_too_short")
        assert drop_outlived_uploads(conn, NOW + timedelta(hours=9)) == []
        fail_transcript(conn, second.id, "broken", NOW + timedelta(hours=1), code="audio_too_short")
        assert drop_outlived_uploads(conn, NOW + timedelta(hours=1)) == []
        assert drop_outlived_uploads(conn, NOW + timedelta(hours=1.1)) == ["uploads/u"]
        assert find_upload(conn, "u") is None


def test_redacted_audio_is_named_after_its_transcript_in_the_store_and_in_its_url() -> None:
    assert redacted_key("first", "mp3") == "redacted/first/audio.mp3"
    assert redacted_audio_path("first", "mp3") == "/redacted-audio/first.mp3"
