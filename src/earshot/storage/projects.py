"""Statements on `projects`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from earshot.storage.database import insert_if_absent
from earshot.storage.schema import (
    access_tokens,
    api_keys,
    known_voices,
    lemur_requests,
    live_sessions,
    projects,
    submissions,
    transcripts,
    uploads,
)

DELETED = "deleted:"
"""How the names of deleted projects begin, and no others."""


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """Whoever owns keys, uploads and transcripts; its webhooks are signed with its secret.

    `limits` are those of its own; of one that was deleted nothing but the row stays.
    """

    id: str
    name: str
    webhook_secret: str | None
    created_at: datetime
    limits: Mapping[str, int | None] | None = None
    throttle_told_at: datetime | None = None
    deleted_at: datetime | None = None


def insert_project_if_absent(
    conn: sa.Connection, project_id: str, name: str, now: datetime
) -> ProjectRow:
    """The project of that name, which is the given one only if there was none before."""
    row = {"id": project_id, "name": name, "webhook_secret": None, "created_at": now}
    insert_if_absent(conn, projects, row)
    found = find_project_by_name(conn, name)
    assert found is not None
    return found


def find_project(conn: sa.Connection, project_id: str) -> ProjectRow | None:
    """The project, also one that was deleted: what refers to it goes on to do so."""
    return _one(conn, projects.c.id == project_id)


def find_project_by_name(conn: sa.Connection, name: str) -> ProjectRow | None:
    """The project of that name, unless it was deleted."""
    return _one(conn, sa.and_(projects.c.name == name, projects.c.deleted_at.is_(None)))


def list_projects(conn: sa.Connection) -> Sequence[ProjectRow]:
    """Those that were not deleted, oldest first."""
    rows = conn.execute(
        sa.select(projects)
        .where(projects.c.deleted_at.is_(None))
        .order_by(projects.c.created_at, projects.c.id)
    )
    return [ProjectRow(**row._mapping) for row in rows]


def hold_project(conn: sa.Connection, project_id: str) -> bool:
    """Whether the project is there, and not deleted; until the transaction ends nobody deletes it.

    Whoever deletes it then finds what the transaction has stored for it.
    """
    is_there = sa.and_(projects.c.id == project_id, projects.c.deleted_at.is_(None))
    held = sa.select(projects.c.id).where(is_there).with_for_update(read=True, key_share=True)
    return conn.execute(held).one_or_none() is not None


def list_uncleared_projects(conn: sa.Connection) -> Sequence[str]:
    """The ids of those that were deleted and of which more is left than numbers."""
    of_a_key = access_tokens.c.key_id == api_keys.c.id
    left = (
        (transcripts, transcripts.c.deleted_at.is_(None)),
        (uploads, sa.true()),
        (known_voices, sa.true()),
        (submissions, sa.true()),
        (live_sessions, live_sessions.c.webhook_url.is_not(None)),
        (lemur_requests, lemur_requests.c.deleted_at.is_(None)),
        (api_keys, sa.or_(api_keys.c.revoked_at.is_(None), sa.exists().where(of_a_key))),
    )
    is_left = sa.or_(
        *(sa.exists().where(table.c.project_id == projects.c.id, is_it) for table, is_it in left)
    )
    return conn.scalars(
        sa.select(projects.c.id).where(projects.c.deleted_at.is_not(None), is_left)
    ).all()


def rename_project(conn: sa.Connection, project_id: str, name: str) -> bool:
    """Whether there was such a project; IntegrityError where another has the name."""
    return _change(conn, project_id, {"name": name})


def set_project_limits(
    conn: sa.Connection, project_id: str, limits: Mapping[str, int | None] | None
) -> bool:
    """Whether there was such a project; None for no limits of its own."""
    return _change(conn, project_id, {"limits": None if limits is None else dict(limits)})


def mark_project_deleted(conn: sa.Connection, project_id: str, now: datetime) -> bool:
    """Whether there was such a project. Its name is free again, and its secret is gone."""
    values = {
        "name": f"{DELETED}{project_id}",
        "webhook_secret": None,
        "limits": None,
        "deleted_at": now,
    }
    return _change(conn, project_id, values)


def claim_throttle_notice(
    conn: sa.Connection, project_id: str, now: datetime, before: datetime
) -> bool:
    """Whether nobody told since `before` that the project is throttled; then it is told now."""
    told = projects.c.throttle_told_at
    claimed = conn.execute(
        projects.update()
        .where(projects.c.id == project_id, sa.or_(told.is_(None), told < before))
        .values(throttle_told_at=now)
    )
    return claimed.rowcount == 1


def set_webhook_secret(
    conn: sa.Connection, project_id: str, secret: str, *, expected: str | None
) -> bool:
    """True if the secret was still the expected one and is now the given one."""
    unchanged = projects.c.webhook_secret.is_not_distinct_from(expected)
    return _change(conn, project_id, {"webhook_secret": secret}, unchanged)


def _change(
    conn: sa.Connection,
    project_id: str,
    values: Mapping[str, Any],
    *conditions: sa.ColumnElement[bool],
) -> bool:
    """Whether it was changed; one that was deleted is not."""
    changed = conn.execute(
        projects.update()
        .where(projects.c.id == project_id, projects.c.deleted_at.is_(None), *conditions)
        .values(values)
    )
    return changed.rowcount == 1


def _one(conn: sa.Connection, condition: sa.ColumnElement[bool]) -> ProjectRow | None:
    row = conn.execute(sa.select(projects).where(condition)).one_or_none()
    return None if row is None else ProjectRow(**row._mapping)
