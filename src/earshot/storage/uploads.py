"""Statements on `uploads`: media that callers sent, and whether a transcript uses it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from earshot.storage.schema import transcripts, uploads

# Both databases have a limit on the parameters of a statement.
_KEYS_AT_ONCE = 500


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
    return _find(conn, sa.select(uploads).where(uploads.c.id == upload_id))


def hold_upload(conn: sa.Connection, upload_id: str) -> UploadRow | None:
    """Like `find_upload`; until the transaction ends, nobody else holds or deletes it."""
    return _find(conn, sa.select(uploads).where(uploads.c.id == upload_id).with_for_update())


def known_media_keys(conn: sa.Connection, media_keys: Sequence[str]) -> set[str]:
    """Those of the keys that are an upload's."""
    known: set[str] = set()
    for start in range(0, len(media_keys), _KEYS_AT_ONCE):
        some = media_keys[start : start + _KEYS_AT_ONCE]
        query = sa.select(uploads.c.media_key).where(uploads.c.media_key.in_(some))
        known.update(conn.execute(query).scalars())
    return known


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
    """Uploads made before that moment that no transcript ever used, oldest first; held."""
    is_stale = sa.and_(uploads.c.used_at.is_(None), uploads.c.created_at < before)
    return _hold_oldest(conn, is_stale, limit)


def outlived_uploads(
    conn: sa.Connection, before: datetime, limit: int = 100
) -> Sequence[UploadRow]:
    """Uploads whose transcripts, one at least, have all ended before that moment; held."""
    is_needed = sa.exists().where(
        transcripts.c.upload_id == uploads.c.id,
        sa.or_(transcripts.c.completed_at.is_(None), transcripts.c.completed_at >= before),
    )
    return _hold_oldest(conn, sa.and_(uploads.c.used_at < before, ~is_needed), limit)


def hold_project_uploads(
    conn: sa.Connection, project_id: str, limit: int = 100
) -> Sequence[UploadRow]:
    """Some uploads of the project, oldest first; held."""
    return _hold_oldest(conn, uploads.c.project_id == project_id, limit)


def _hold_oldest(
    conn: sa.Connection, condition: sa.ColumnElement[bool], limit: int
) -> Sequence[UploadRow]:
    rows = conn.execute(
        sa.select(uploads)
        .where(condition)
        .order_by(uploads.c.created_at)
        .limit(limit)
        .with_for_update()
    )
    return [UploadRow(**row._mapping) for row in rows]


def _find(conn: sa.Connection, query: sa.Select[Any]) -> UploadRow | None:
    row = conn.execute(query).one_or_none()
    return None if row is None else UploadRow(**row._mapping)
