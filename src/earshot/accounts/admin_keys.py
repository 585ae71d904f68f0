"""Keys that open the administrators' API, and nothing else; API keys do not open it."""

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from earshot.accounts.names import require_name
from earshot.errors import AdminKeyNotFound, KeyInvalid, NameTaken
from earshot.storage.admin_keys import (
    AdminKeyRow,
    delete_admin_key,
    find_admin_key,
    insert_admin_key,
    list_admin_keys,
    record_admin_key_use,
)

# So that it is not mistaken for an API key, by people or by what looks for lost secrets.
PREFIX = "esadm_"
_SECRET_BYTES = 32
_HINT_LENGTH = len(PREFIX) + 6
_USE_GRANULARITY = timedelta(minutes=1)  # as of API keys


@dataclass(frozen=True, slots=True)
class CreatedAdminKey:
    """A key just made; `secret` is to be shown now, for it is kept nowhere."""

    secret: str = field(repr=False)
    row: AdminKeyRow


def create_admin_key(conn: sa.Connection, name: str, now: datetime) -> CreatedAdminKey:
    """A new key; NameTaken where there is one of that name, RequestInvalid if it is none."""
    secret = PREFIX + secrets.token_hex(_SECRET_BYTES)
    row = AdminKeyRow(
        id=str(uuid.uuid4()),
        name=require_name(name),
        key_hash=_hash(secret),
        hint=secret[:_HINT_LENGTH],
        created_at=now,
    )
    try:
        with conn.begin_nested():
            insert_admin_key(conn, row)
    except sa.exc.IntegrityError as error:
        raise NameTaken(f"an admin key named {name!r} exists already") from error
    return CreatedAdminKey(secret, row)


def are_administrators_known(conn: sa.Connection) -> bool:
    """Whether there is a key at all; without one the administrators' API is off."""
    return bool(list_admin_keys(conn))


def authenticate_admin(conn: sa.Connection, secret: str, now: datetime) -> tuple[str, bool]:
    """The id of the key, and whether its use is due to be recorded; KeyInvalid if nobody's."""
    presented = _hash(secret)
    row = find_admin_key(conn, presented)
    if row is None or not hmac.compare_digest(row.key_hash, presented):
        raise KeyInvalid
    last = row.last_used_at
    return row.id, last is None or now - last >= _USE_GRANULARITY


def record_admin_use(conn: sa.Connection, key_id: str, now: datetime) -> None:
    """Remember when the key was last used."""
    record_admin_key_use(conn, key_id, now)


def revoke_admin_key(conn: sa.Connection, name: str) -> None:
    """The key opens nothing from now on; AdminKeyNotFound where there is none of that name."""
    if not delete_admin_key(conn, name):
        raise AdminKeyNotFound(name)


def _hash(secret: str) -> str:
    # Headers arrive as any text, lone surrogates included; such a key is merely wrong.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
