from datetime import timedelta

import sqlalchemy as sa

from earshot.accounts.keys import create_key
from earshot.storage.access_tokens import (
    NewAccessToken,
    claim_access_token,
    delete_expired_tokens,
    find_access_token,
    insert_access_token,
)
from earshot.transcript.clock import utc_now

NOW = utc_now()


def stored(conn: sa.Connection, token_hash: str) -> None:
    key = create_key(conn, token_hash, "law", NOW)
    expires_at = NOW + timedelta(minutes=1)
    insert_access_token(
        conn,
        NewAccessToken(token_hash, key.row.id, "live", None, None, True, NOW, expires_at),
    )


def test_a_token_can_be_claimed_once(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        stored(conn, "h")
        assert claim_access_token(conn, "h", NOW)
        assert not claim_access_token(conn, "h", NOW)
        found = find_access_token(conn, "h")
    assert found is not None
    assert found.used_at == NOW
    assert found.project_name == "law"


def test_only_what_expired_before_is_deleted(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        stored(conn, "h")
        delete_expired_tokens(conn, NOW + timedelta(minutes=1))
        assert find_access_token(conn, "h") is not None
        delete_expired_tokens(conn, NOW + timedelta(minutes=2))
        assert find_access_token(conn, "h") is None
