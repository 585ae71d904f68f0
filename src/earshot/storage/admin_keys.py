"""Statements on `admin_keys`; only hashes of keys are ever stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from earshot.storage.schema import admin_keys


@dataclass(frozen=True, slots=True)
class AdminKeyRow:
    """A key of an administrator; `hint` is its first characters."""

    id: str
    name: str
    key_hash: str = field(repr=False)
    hint: str
    created_at: datetime
    last_used_at: datetime | None = None


def insert_admin_key(conn: sa.Connection, row: AdminKeyRow) -> None:
    values = {name: getattr(row, name) for name in row.__slots__}
    conn.execute(admin_keys.insert().values(values))


def find_admin_key(conn: sa.Connection, key_hash: str) -> AdminKeyRow | None:
    query = sa.select(admin_keys).where(admin_keys.c.key_hash == key_hash)
    row = conn.execute(query).one_or_none()
    return None if row is None else AdminKeyRow(**row._mapping)


def list_admin_keys(conn: sa.Connection) -> Sequence[AdminKeyRow]:
    """Every one that works, oldest first."""
    rows = conn.execute(sa.select(admin_keys).order_by(admin_keys.c.created_at, admin_keys.c.id))
    return [AdminKeyRow(**row._mapping) for row in rows]


def record_admin_key_use(conn: sa.Connection, key_id: str, now: datetime) -> None:
    conn.execute(admin_keys.update().where(admin_keys.c.id == key_id).values(last_used_at=now))


def delete_admin_key(conn: sa.Connection, name: str) -> bool:
    """Whether there was one of that name."""
    return conn.execute(admin_keys.delete().where(admin_keys.c.name == name)).rowcount == 1
