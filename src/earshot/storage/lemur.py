"""Statements on `lemur_requests` and `lemur_sources`: answers, and what they were made of.

Of what was asked only questions are kept, in their answer. An answer that is deleted leaves its row
behind for a while, empty, for the requests of a project are counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from earshot.storage.schema import lemur_requests, lemur_sources, projects, transcripts


@dataclass(frozen=True, slots=True)
class NewLemurRequest:
    """A request that is about to be answered, from these transcripts; from none, from a text."""

    id: str
    project_id: str
    key_id: str
    created_at: datetime
    transcript_ids: Sequence[str] = ()


def insert_lemur_request(conn: sa.Connection, new: NewLemurRequest) -> None:
    conn.execute(
        lemur_requests.insert().values(
            id=new.id, project_id=new.project_id, key_id=new.key_id, created_at=new.created_at
        )
    )
    for transcript_id in dict.fromkeys(new.transcript_ids):
        conn.execute(lemur_sources.insert().values(request_id=new.id, transcript_id=transcript_id))


def hold_lemur_sources(conn: sa.Connection, transcript_ids: Sequence[str]) -> bool:
    """Whether none of them is deleted; until the transaction ends none will be."""
    held = conn.scalars(
        sa.select(transcripts.c.deleted_at)
        .where(transcripts.c.id.in_(transcript_ids))
        .with_for_update(read=True)
    )
    return all(deleted_at is None for deleted_at in held)


def hold_lemur_requests(conn: sa.Connection, project_id: str, since: datetime) -> list[datetime]:
    """When the project asked since then, oldest first; until the transaction ends none is added.

    Of those who count before they insert, that is.
    """
    held = sa.select(projects.c.id).where(projects.c.id == project_id)
    conn.execute(held.with_for_update(key_share=True))
    moments = conn.scalars(
        sa.select(lemur_requests.c.created_at)
        .where(lemur_requests.c.project_id == project_id, lemur_requests.c.created_at > since)
        .order_by(lemur_requests.c.created_at)
    )
    return list(moments)


def save_lemur_answer(conn: sa.Connection, request_id: str, answer: Mapping[str, Any]) -> bool:
    """False, and nothing is kept, where the request or a transcript of it was deleted meanwhile."""
    saved = conn.execute(
        lemur_requests.update()
        .where(lemur_requests.c.id == request_id, lemur_requests.c.deleted_at.is_(None))
        .values(answer=dict(answer))
    )
    return saved.rowcount == 1


def find_lemur_answer(
    conn: sa.Connection, request_id: str, project_id: str
) -> Mapping[str, Any] | None:
    """What was answered to the project; None where that was deleted, or nothing was."""
    answer: Mapping[str, Any] | None = conn.scalar(
        sa.select(lemur_requests.c.answer).where(
            lemur_requests.c.id == request_id, lemur_requests.c.project_id == project_id
        )
    )
    return answer


def purge_lemur_request(
    conn: sa.Connection, request_id: str, project_id: str, now: datetime
) -> bool:
    """False where the project has no such answer. `empty_log` is to be called after it."""
    wanted = sa.and_(
        lemur_requests.c.id == request_id,
        lemur_requests.c.project_id == project_id,
        lemur_requests.c.deleted_at.is_(None),
    )
    return _scrub(conn, wanted, now) == 1


def forget_lemur_of_transcript(conn: sa.Connection, transcript_id: str, now: datetime) -> int:
    """Delete the answers that were made of the transcript, and those that are being made."""
    made_of_it = sa.select(lemur_sources.c.request_id).where(
        lemur_sources.c.transcript_id == transcript_id
    )
    return _scrub(conn, lemur_requests.c.id.in_(made_of_it), now)


def forget_lemur_of_project(conn: sa.Connection, project_id: str, now: datetime) -> int:
    """Delete all answers of the project, and those that are being made."""
    return _scrub(conn, lemur_requests.c.project_id == project_id, now)


def delete_lemur_requests(
    conn: sa.Connection, *, emptied_before: datetime, answered_before: datetime | None
) -> int:
    """Delete the rows without an answer that are that old; with one, only where a time is given."""
    is_due = sa.and_(
        lemur_requests.c.answer.is_(None), lemur_requests.c.created_at < emptied_before
    )
    if answered_before is not None:
        is_due = sa.or_(is_due, lemur_requests.c.created_at < answered_before)
    return conn.execute(lemur_requests.delete().where(is_due)).rowcount


def _scrub(conn: sa.Connection, wanted: sa.ColumnElement[bool], now: datetime) -> int:
    scrubbed = conn.execute(
        lemur_requests.update().where(wanted).values(answer=sa.null(), deleted_at=now)
    )
    return scrubbed.rowcount
