"""API keys: made, shown once, hashed, checked, revoked."""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from earshot.accounts.limits import NO_LIMITS, ProjectLimits
from earshot.accounts.names import require_name
from earshot.accounts.projects import DEFAULT_PROJECT, ensure_project
from earshot.errors import KeyInvalid, KeyNotFound, NameTaken, ProjectNotFound
from earshot.storage.api_keys import (
    ApiKeyRow,
    NewApiKey,
    delete_api_key,
    find_api_key,
    find_live_key_by_hash,
    find_live_key_by_name,
    insert_api_key,
    list_api_keys,
    record_api_key_use,
    revoke_api_key,
)
from earshot.storage.projects import find_project_by_name, hold_project

# 128 random bits in 32 hex digits, the shape of the compatible API's keys. A hash without salt or
# stretching is enough for a key that nobody chose: there is nothing to guess from.
_SECRET_BYTES = 16
_HINT_LENGTH = 8
# `last_used_at` is for people; to the minute is fine, and most requests need not write.
_USE_GRANULARITY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """A key just made; `secret` is to be shown now, for it is kept nowhere."""

    secret: str = field(repr=False)
    row: ApiKeyRow


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a request comes from; `is_use_due` asks for a `record_use` of this request."""

    project_id: str
    project_name: str
    key_id: str
    is_use_due: bool
    limits: ProjectLimits = NO_LIMITS


def create_key(conn: sa.Connection, name: str, project_name: str, now: datetime) -> CreatedKey:
    """A new key of the project, which is made if there was none.

    NameTaken if a live key has it; RequestInvalid for what is no name; ProjectNotFound where the
    project is being deleted.
    """
    taken = f"a key named {require_name(name)!r} exists already in project {project_name!r}"
    project = ensure_project(conn, project_name, now)
    if not hold_project(conn, project.id):  # else whoever deletes it might not see this key
        raise ProjectNotFound(project_name)
    if find_live_key_by_name(conn, project.id, name) is not None:
        raise NameTaken(taken)
    secret = secrets.token_hex(_SECRET_BYTES)
    new = NewApiKey(
        id=str(uuid.uuid4()),
        project_id=project.id,
        name=name,
        key_hash=_hash(secret),
        hint=secret[:_HINT_LENGTH],
        created_at=now,
    )
    try:
        with conn.begin_nested():
            return CreatedKey(secret, insert_api_key(conn, new))
    except sa.exc.IntegrityError as error:  # somebody else's, since we looked
        raise NameTaken(taken) from error


def withdraw_key(conn: sa.Connection, key: CreatedKey) -> None:
    """Leave no trace of a key that could not be shown: nobody has it."""
    delete_api_key(conn, key.row.id)


def authenticate(conn: sa.Connection, secret: str, now: datetime) -> Principal:
    """Whose key this is; KeyInvalid if nobody's. Only reads: see `record_use`."""
    presented = _hash(secret)
    row = find_live_key_by_hash(conn, presented)
    if row is None or not hmac.compare_digest(row.key_hash, presented):
        raise KeyInvalid
    last = row.last_used_at
    is_use_due = last is None or now - last >= _USE_GRANULARITY
    limits = ProjectLimits.load(row.project_limits)
    return Principal(row.project_id, row.project_name, row.id, is_use_due, limits)


def require_not_revoked(conn: sa.Connection, principal: Principal) -> None:
    """KeyInvalid where the key was revoked since, or its project deleted."""
    key = find_api_key(conn, principal.key_id)
    if key is None or key.revoked_at is not None:
        raise KeyInvalid


def record_use(conn: sa.Connection, principal: Principal, now: datetime) -> None:
    """Remember when the key was last used."""
    record_api_key_use(conn, principal.key_id, now)


def list_keys(conn: sa.Connection) -> Sequence[ApiKeyRow]:
    """Every key, oldest first, revoked ones too; a key itself cannot be shown again."""
    return list_api_keys(conn)


def revoke_key(
    conn: sa.Connection, name: str, now: datetime, project_name: str = DEFAULT_PROJECT
) -> ApiKeyRow:
    """The project's key of that name, which from now on opens nothing."""
    project = find_project_by_name(conn, project_name)
    row = None if project is None else find_live_key_by_name(conn, project.id, name)
    if row is None:
        raise KeyNotFound(name, project_name)
    revoke_api_key(conn, row.id, now)
    return row


def revoke_key_by_id(conn: sa.Connection, key_id: str, now: datetime) -> ApiKeyRow:
    """The key, which from now on opens nothing; KeyNotFound where none that lives has the id."""
    row = find_api_key(conn, key_id)
    if row is None or row.revoked_at is not None:
        raise KeyNotFound(key_id)
    revoke_api_key(conn, row.id, now)
    return row


def _hash(secret: str) -> str:
    # Headers arrive as any text, lone surrogates included; such a key is merely wrong.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
