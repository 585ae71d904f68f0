"""Statements on `submissions`: submits that came with an `Idempotency-Key`."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from earshot.storage.database import insert_if_absent
from earshot.storage.schema import submissions


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """What a submit led to; `throttled` is what its answer said. Both hashes are hex."""

    project_id: str
    key_hash: str
    request_hash: str
    transcript_id: str
    throttled: bool
    created_at: datetime


def find_submission(
    conn: sa.Connection, project_id: str, key_hash: str, before: datetime
) -> SubmissionRow | None:
    """The submission of that key, unless it is from before that moment."""
    query = sa.select(submissions).where(_is(project_id, key_hash), ~_is_over(before))
    row = conn.execute(query).one_or_none()
    return None if row is None else SubmissionRow(**row._mapping)


def claim_submission(conn: sa.Connection, new: SubmissionRow, before: datetime) -> SubmissionRow:
    """The submission of that key, which is the new one only if there was none since `before`.

    Until the transaction ends, others that claim the same key wait.
    """
    conn.execute(submissions.delete().where(_is(new.project_id, new.key_hash), _is_over(before)))
    row = {name: getattr(new, name) for name in new.__slots__}
    insert_if_absent(conn, submissions, row)
    query = sa.select(submissions).where(_is(new.project_id, new.key_hash))
    return SubmissionRow(**conn.execute(query).one()._mapping)


def delete_submissions(conn: sa.Connection, before: datetime) -> None:
    """Forget those that can no longer be repeated."""
    conn.execute(submissions.delete().where(_is_over(before)))


def delete_project_submissions(conn: sa.Connection, project_id: str) -> None:
    conn.execute(submissions.delete().where(submissions.c.project_id == project_id))


def _is(project_id: str, key_hash: str) -> sa.ColumnElement[bool]:
    return sa.and_(submissions.c.project_id == project_id, submissions.c.key_hash == key_hash)


def _is_over(before: datetime) -> sa.ColumnElement[bool]:
    return submissions.c.created_at < before
