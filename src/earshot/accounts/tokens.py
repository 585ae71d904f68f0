"""Temporary tokens: what a browser or a screen gets in place of a key."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from earshot.errors import KeyInvalid, TokenExpired, TokenUsed
from earshot.storage.access_tokens import (
    AccessTokenRow,
    NewAccessToken,
    claim_access_token,
    delete_expired_tokens,
    find_access_token,
    insert_access_token,
)

_SECRET_BYTES = 32


class Scope(StrEnum):
    """What a token opens: live sessions, or the events of one session, read only."""

    LIVE = "live"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class TokenTerms:
    """For what a token is good, and how long.

    `max_session_s` is how long a session may last that was opened with it.
    """

    lifetime_s: int
    scope: Scope = Scope.LIVE
    session_id: str | None = None
    max_session_s: int | None = None
    is_single_use: bool = False


def create_token(conn: sa.Connection, key_id: str, terms: TokenTerms, now: datetime) -> str:
    """A new token of the key, to be handed out now: only its hash is kept."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    new = NewAccessToken(
        token_hash=_hash(secret),
        key_id=key_id,
        scope=terms.scope.value,
        session_id=terms.session_id,
        max_session_s=terms.max_session_s,
        is_single_use=terms.is_single_use,
        created_at=now,
        expires_at=now + timedelta(seconds=terms.lifetime_s),
    )
    insert_access_token(conn, new)
    return secret


def check_token(conn: sa.Connection, secret: str, scope: Scope, now: datetime) -> AccessTokenRow:
    """The token; KeyInvalid if there is none for that, TokenExpired, TokenUsed. Only reads."""
    presented = _hash(secret)
    row = find_access_token(conn, presented)
    if row is None or not hmac.compare_digest(row.token_hash, presented):
        raise KeyInvalid
    if row.scope != scope.value:
        raise KeyInvalid
    if now >= row.expires_at:
        raise TokenExpired
    if row.is_single_use and row.used_at is not None:
        raise TokenUsed
    return row


def claim_token(conn: sa.Connection, token: AccessTokenRow, now: datetime) -> None:
    """Use up a token that is for one use; TokenUsed where somebody else has."""
    if token.is_single_use and not claim_access_token(conn, token.token_hash, now):
        raise TokenUsed


def forget_expired_tokens(conn: sa.Connection, now: datetime) -> None:
    """Delete those that have opened nothing for a day: until then they are told to be expired."""
    delete_expired_tokens(conn, now - timedelta(days=1))


def _hash(secret: str) -> str:
    # Headers arrive as any text, lone surrogates included; such a token is merely wrong.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
