"""Statements on `live_sessions`: sessions that have ended, and what is still to be told of them."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from earshot.storage.schema import live_sessions


@dataclass(frozen=True, slots=True)
class LiveSessionRow:
    """A session that has ended. `webhook_body` is None once it need not be kept any more."""

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


def insert_live_session(conn: sa.Connection, row: LiveSessionRow) -> None:
    values = {name: getattr(row, name) for name in row.__slots__}
    conn.execute(live_sessions.insert().values(values))


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


def _scrub(conn: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    conn.execute(
        live_sessions.update()
        .where(which, live_sessions.c.webhook_body.is_not(None))
        .values(webhook_body=None, webhook_auth_header_value=None)
    )
