"""Statements on `live_sessions`: how long sessions were, and what is still to be told of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from earshot.storage.schema import live_sessions

STILL_OPEN: Final = 0
"""The close code of a session that goes on, as far as anybody knows."""


@dataclass(frozen=True, slots=True)
class LiveSessionRow:
    """A session, and how far it had come at `ended_at`.

    `webhook_body` is None once it need not be kept any more. `engine` is the first that heard it.
    """

    id: str
    project_id: str
    key_id: str
    started_at: datetime
    ended_at: datetime
    audio_ms: int
    close_code: int
    allows_private_hosts: bool = False
    webhook_url: str | None = None
    webhook_auth_header_name: str | None = None
    webhook_auth_header_value: str | None = field(default=None, repr=False)
    webhook_body: str | None = field(default=None, repr=False)
    webhook_status_code: int | None = None
    engine: str | None = None


def insert_live_session(conn: sa.Connection, row: LiveSessionRow) -> None:
    values = {name: getattr(row, name) for name in row.__slots__}
    conn.execute(live_sessions.insert().values(values))


def save_live_session(conn: sa.Connection, row: LiveSessionRow) -> None:
    """Write down what is known of the session now, in place of what was known before."""
    values = {name: getattr(row, name) for name in row.__slots__}
    known = conn.execute(live_sessions.update().where(live_sessions.c.id == row.id).values(values))
    if not known.rowcount:
        insert_live_session(conn, row)


def note_live_session(
    conn: sa.Connection, session_id: str, *, audio_ms: int, now: datetime
) -> None:
    """The session has come so far by now; nothing else of it has changed."""
    conn.execute(
        live_sessions.update()
        .where(live_sessions.c.id == session_id)
        .values(audio_ms=audio_ms, ended_at=now)
    )


def open_live_sessions(conn: sa.Connection) -> Sequence[str]:
    """The ids of those whose end was not written down."""
    return conn.scalars(
        sa.select(live_sessions.c.id).where(live_sessions.c.close_code == STILL_OPEN)
    ).all()


def end_live_session(
    conn: sa.Connection, session_id: str, close_code: int
) -> LiveSessionRow | None:
    """Have it ended when it was last heard of; None where it has ended already."""
    ended = conn.execute(
        live_sessions.update()
        .where(live_sessions.c.id == session_id, live_sessions.c.close_code == STILL_OPEN)
        .values(close_code=close_code)
    )
    return find_live_session(conn, session_id) if ended.rowcount else None


def find_live_session(conn: sa.Connection, session_id: str) -> LiveSessionRow | None:
    row = conn.execute(
        sa.select(live_sessions).where(live_sessions.c.id == session_id)
    ).one_or_none()
    return None if row is None else LiveSessionRow(**row._mapping)


def record_session_webhook(conn: sa.Connection, session_id: str, status_code: int) -> None:
    """Keep the receiver's last answer."""
    conn.execute(
        live_sessions.update()
        .where(live_sessions.c.id == session_id)
        .values(webhook_status_code=status_code)
    )


def scrub_live_session(conn: sa.Connection, session_id: str) -> None:
    """Keep nothing of what was said, nor the receiver's secret."""
    _scrub(conn, live_sessions.c.id == session_id)


def scrub_live_sessions(conn: sa.Connection, before: datetime) -> None:
    """The same for all sessions that ended before that moment."""
    _scrub(conn, live_sessions.c.ended_at < before)


def scrub_project_sessions(conn: sa.Connection, project_id: str) -> None:
    """Keep nothing but how long the project's sessions were: no receiver is told any more."""
    gone = dict.fromkeys(
        ("webhook_url", "webhook_auth_header_name", "webhook_auth_header_value", "webhook_body")
    )
    told = sa.or_(*(live_sessions.c[name].is_not(None) for name in gone))
    of_project = live_sessions.c.project_id == project_id
    conn.execute(live_sessions.update().where(of_project, told).values(gone))


def _scrub(conn: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    conn.execute(
        live_sessions.update()
        .where(which, live_sessions.c.webhook_body.is_not(None))
        .values(webhook_body=None, webhook_auth_header_value=None)
    )
