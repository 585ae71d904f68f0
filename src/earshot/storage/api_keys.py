"""Statements on `api_keys`; only hashes of keys are ever stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from earshot.storage.schema import api_keys, projects


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key yet to be stored; `hint` is its first 8 characters, for people to tell keys apart."""

    id: str
    project_id: str
    name: str
    key_hash: str
    hint: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    """A stored key, with the name and the limits of its project."""

    id: str
    project_id: str
    project_name: str
    name: str
    key_hash: str
    hint: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    project_limits: Mapping[str, int | None] | None = None


_SELECT = sa.select(
    api_keys,
    projects.c.name.label("project_name"),
    projects.c.limits.label("project_limits"),
).join_from(api_keys, projects)


def insert_api_key(conn: sa.Connection, new: NewApiKey) -> ApiKeyRow:
    conn.execute(
        api_keys.insert().values(
            id=new.id,
            project_id=new.project_id,
            name=new.name,
            key_hash=new.key_hash,
            hint=new.hint,
            created_at=new.created_at,
        )
    )
    row = conn.execute(_SELECT.where(api_keys.c.id == new.id)).one()
    return ApiKeyRow(**row._mapping)


def find_live_key_by_hash(conn: sa.Connection, key_hash: str) -> ApiKeyRow | None:
    """The key of that hash unless it was revoked, or its project deleted."""
    lives = sa.and_(api_keys.c.revoked_at.is_(None), projects.c.deleted_at.is_(None))
    row = conn.execute(_SELECT.where(api_keys.c.key_hash == key_hash, lives)).one_or_none()
    return None if row is None else ApiKeyRow(**row._mapping)


def find_live_key_by_name(conn: sa.Connection, project_id: str, name: str) -> ApiKeyRow | None:
    """The project's key of that name unless it was revoked."""
    row = conn.execute(
        _SELECT.where(
            api_keys.c.project_id == project_id,
            api_keys.c.name == name,
            api_keys.c.revoked_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else ApiKeyRow(**row._mapping)


def list_api_keys(conn: sa.Connection) -> Sequence[ApiKeyRow]:
    """Every key that ever was, revoked ones too, oldest first."""
    rows = conn.execute(_SELECT.order_by(api_keys.c.created_at, api_keys.c.id))
    return [ApiKeyRow(**row._mapping) for row in rows]


def record_api_key_use(conn: sa.Connection, key_id: str, now: datetime) -> None:
    conn.execute(api_keys.update().where(api_keys.c.id == key_id).values(last_used_at=now))


def delete_api_key(conn: sa.Connection, key_id: str) -> None:
    conn.execute(api_keys.delete().where(api_keys.c.id == key_id))


def revoke_api_key(conn: sa.Connection, key_id: str, now: datetime) -> None:
    conn.execute(
        api_keys.update()
        .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def find_api_key(conn: sa.Connection, key_id: str) -> ApiKeyRow | None:
    """The key of that id, revoked or not."""
    row = conn.execute(_SELECT.where(api_keys.c.id == key_id)).one_or_none()
    return None if row is None else ApiKeyRow(**row._mapping)


def revoke_project_keys(conn: sa.Connection, project_id: str, now: datetime) -> None:
    conn.execute(
        api_keys.update()
        .where(api_keys.c.project_id == project_id, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
