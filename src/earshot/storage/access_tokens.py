"""Statements on `access_tokens`; only hashes of tokens are ever stored."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from earshot.storage.schema import access_tokens, api_keys, projects


@dataclass(frozen=True, slots=True)
class NewAccessToken:
    """A token yet to be stored. `scope` says what it opens, `session_id` which session of all."""

    token_hash: str
    key_id: str
    scope: str
    session_id: str | None
    max_session_s: int | None
    is_single_use: bool
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AccessTokenRow:
    """A stored token, with the project of the key that made it."""

    token_hash: str
    key_id: str
    project_id: str
    project_name: str
    scope: str
    session_id: str | None
    max_session_s: int | None
    is_single_use: bool
    expires_at: datetime
    used_at: datetime | None


_SELECT = (
    sa.select(
        access_tokens.c.token_hash,
        access_tokens.c.key_id,
        projects.c.id.label("project_id"),
        projects.c.name.label("project_name"),
        access_tokens.c.scope,
        access_tokens.c.session_id,
        access_tokens.c.max_session_s,
        access_tokens.c.is_single_use,
        access_tokens.c.expires_at,
        access_tokens.c.used_at,
    )
    .join_from(access_tokens, api_keys)
    .join(projects, api_keys.c.project_id == projects.c.id)
    .where(api_keys.c.revoked_at.is_(None), projects.c.deleted_at.is_(None))
)


def insert_access_token(conn: sa.Connection, new: NewAccessToken) -> None:
    values = {name: getattr(new, name) for name in new.__slots__}
    conn.execute(access_tokens.insert().values(values))


def find_access_token(conn: sa.Connection, token_hash: str) -> AccessTokenRow | None:
    """The token of that hash, expired or not, unless the key that made it opens nothing."""
    row = conn.execute(_SELECT.where(access_tokens.c.token_hash == token_hash)).one_or_none()
    return None if row is None else AccessTokenRow(**row._mapping)


def claim_access_token(conn: sa.Connection, token_hash: str, now: datetime) -> bool:
    """Note its first use; False where somebody else was the first."""
    claimed = conn.execute(
        access_tokens.update()
        .where(access_tokens.c.token_hash == token_hash, access_tokens.c.used_at.is_(None))
        .values(used_at=now)
    )
    return claimed.rowcount == 1


def delete_expired_tokens(conn: sa.Connection, before: datetime) -> None:
    conn.execute(access_tokens.delete().where(access_tokens.c.expires_at < before))


def delete_project_tokens(conn: sa.Connection, project_id: str) -> None:
    of_project = sa.select(api_keys.c.id).where(api_keys.c.project_id == project_id)
    conn.execute(access_tokens.delete().where(access_tokens.c.key_id.in_(of_project)))
