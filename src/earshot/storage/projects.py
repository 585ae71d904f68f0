"""Statements on `projects`."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from earshot.storage.database import insert_if_absent
from earshot.storage.schema import projects


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """Whoever owns keys, uploads and transcripts; its webhooks are signed with its secret."""

    id: str
    name: str
    webhook_secret: str | None
    created_at: datetime


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
    return _one(conn, projects.c.id == project_id)


def find_project_by_name(conn: sa.Connection, name: str) -> ProjectRow | None:
    return _one(conn, projects.c.name == name)


def set_webhook_secret(
    conn: sa.Connection, project_id: str, secret: str, *, expected: str | None
) -> bool:
    """True if the secret was still the expected one and is now the given one."""
    unchanged = projects.c.webhook_secret.is_not_distinct_from(expected)
    changed = conn.execute(
        projects.update()
        .where(projects.c.id == project_id, unchanged)
        .values(webhook_secret=secret)
    )
    return changed.rowcount == 1


def _one(conn: sa.Connection, condition: sa.ColumnElement[bool]) -> ProjectRow | None:
    row = conn.execute(sa.select(projects).where(condition)).one_or_none()
    return None if row is None else ProjectRow(**row._mapping)
