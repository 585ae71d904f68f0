from datetime import timedelta

import sqlalchemy as sa

from earshot.storage.projects import insert_project_if_absent
from earshot.storage.transcripts import NewTranscript, fail_transcript, insert_transcript
from earshot.storage.uploads import (
    NewUpload,
    delete_upload,
    find_upload,
    hold_upload,
    insert_upload,
    known_media_keys,
    mark_upload_used,
    outlived_uploads,
    stale_uploads,
)
from earshot.transcript.clock import utc_now
from earshot.transcript.options import TranscriptOptions


def test_only_old_uploads_that_nothing_used_are_stale(engine: sa.Engine) -> None:
    now = utc_now()
    yesterday = now - timedelta(days=1)
    with engine.begin() as conn:
        insert_project_if_absent(conn, "p", "law", now)
        for upload_id, created_at in [("old", yesterday), ("used", yesterday), ("new", now)]:
            insert_upload(conn, NewUpload(upload_id, "p", f"uploads/{upload_id}", 9, created_at))
        mark_upload_used(conn, "used", now)
        stale = stale_uploads(conn, now - timedelta(hours=1))
    assert [upload.id for upload in stale] == ["old"]


def test_an_upload_is_needed_until_its_transcript_has_ended(engine: sa.Engine) -> None:
    now = utc_now()
    with engine.begin() as conn:
        insert_project_if_absent(conn, "p", "law", now)
        insert_upload(conn, NewUpload("unused", "p", "uploads/unused", 9, now))
        insert_upload(conn, NewUpload("u", "p", "uploads/u", 9, now))
        mark_upload_used(conn, "u", now)
        new = NewTranscript(
            id="t",
            project_id="p",
            audio_url="http://here/upload/u",
            request={},
            options=TranscriptOptions(),
            created_at=now,
            upload_id="u",
        )
        insert_transcript(conn, new)
        later = now + timedelta(hours=2)
        assert outlived_uploads(conn, later) == []
        fail_transcript(conn, "t", "broken", now + timedelta(hours=1), code="audio_too_short")
        assert outlived_uploads(conn, now + timedelta(hours=0.9)) == []
        assert [upload.id for upload in outlived_uploads(conn, later)] == ["u"]


def test_the_keys_of_uploads_are_known_however_many_there_are(engine: sa.Engine) -> None:
    now = utc_now()
    with engine.begin() as conn:
        insert_project_if_absent(conn, "p", "law", now)
        for number in (0, 1001):
            insert_upload(conn, NewUpload(f"{number}", "p", f"uploads/{number}", 9, now))
        asked = [f"uploads/{number}" for number in range(1002)]
        assert known_media_keys(conn, asked) == {"uploads/0", "uploads/1001"}
        assert known_media_keys(conn, []) == set()


def test_an_upload_can_be_held_unless_it_is_gone(engine: sa.Engine) -> None:
    now = utc_now()
    with engine.begin() as conn:
        insert_project_if_absent(conn, "p", "law", now)
        row = insert_upload(conn, NewUpload("u", "p", "uploads/u", 9, now))
        assert hold_upload(conn, "u") == row
        assert hold_upload(conn, "none") is None


def test_an_upload_keeps_the_moment_of_its_first_use(engine: sa.Engine) -> None:
    now = utc_now()
    with engine.begin() as conn:
        insert_project_if_absent(conn, "p", "law", now)
        row = insert_upload(conn, NewUpload("u", "p", "uploads/u", 3 * 2**30, now))
        assert (row.size_bytes, row.used_at) == (3 * 2**30, None)
        mark_upload_used(conn, "u", now)
        mark_upload_used(conn, "u", now + timedelta(hours=1))
        found = find_upload(conn, "u")
    assert found is not None
    assert found.used_at == now


def test_a_deleted_upload_is_gone(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        insert_project_if_absent(conn, "p", "law", utc_now())
        insert_upload(conn, NewUpload("u", "p", "uploads/u", 9, utc_now()))
        delete_upload(conn, "u")
        assert find_upload(conn, "u") is None
