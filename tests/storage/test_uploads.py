from datetime import timedelta

import sqlalchemy as sa

from earshot.storage.projects import insert_project_if_absent
from earshot.storage.uploads import (
    NewUpload,
    delete_upload,
    find_upload,
    insert_upload,
    mark_upload_used,
    stale_uploads,
)
from earshot.transcript.clock import utc_now


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
