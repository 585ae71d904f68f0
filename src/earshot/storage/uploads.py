"""Statements on `uploads`: media that callers sent, and whether a transcript uses it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from earshot.storage.schema import uploads


@dataclass(frozen=True, slots=True)
class NewUpload:
    """An upload yet to be stored; its bytes lie in the media store already."""

    id: str
    project_id: str
    media_key: str
    size_bytes: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class UploadRow:
    """A stored upload; `used_at` is when a transcript first asked for it."""

    id: str
    project_id: str
    media_key: str
    size_bytes: int
    created_at: datetime
    used_at: datetime | None


def insert_upload(conn: sa.Connection, new: NewUpload) -> UploadRow:
    row = conn.execute(
        uploads.insert()
        .values(
            id=new.id,
            project_id=new.project_id,
            media_key=new.media_key,
            size_bytes=new.size_bytes,
            created_at=new.created_at,
        )
        .returning(uploads)
    ).one()
    return UploadRow(**row._mapping)


def find_upload(conn: sa.Connection, upload_id: str) -> UploadRow | None:
    """The upload whatever its project: the caller compares, as the two answers differ."""
    row = conn.execute(sa.select(uploads).where(uploads.c.id == upload_id)).one_or_none()
    return None if row is None else UploadRow(**row._mapping)


def mark_upload_used(conn: sa.Connection, upload_id: str, now: datetime) -> None:
    """Keep the upload beyond the time that unused ones have."""
    conn.execute(
        uploads.update()
        .where(uploads.c.id == upload_id, uploads.c.used_at.is_(None))
        .values(used_at=now)
    )


def delete_upload(conn: sa.Connection, upload_id: str) -> None:
    """Forget the upload; the media store's bytes are the caller's to delete."""
    conn.execute(uploads.delete().where(uploads.c.id == upload_id))


def stale_uploads(conn: sa.Connection, before: datetime, limit: int = 100) -> Sequence[UploadRow]:
    """Uploads made before that moment that no transcript ever used, oldest first."""
    rows = conn.execute(
        sa.select(uploads)
        .where(uploads.c.used_at.is_(None), uploads.c.created_at < before)
        .order_by(uploads.c.created_at)
        .limit(limit)
    )
    return [UploadRow(**row._mapping) for row in rows]
