from datetime import timedelta

import pytest
import sqlalchemy as sa

from earshot.accounts.keys import create_key, revoke_key
from earshot.accounts.tokens import (
    Scope,
    TokenTerms,
    check_token,
    claim_token,
    create_token,
    forget_expired_tokens,
)
from earshot.errors import KeyInvalid, TokenExpired, TokenUsed
from earshot.storage.schema import access_tokens
from earshot.transcript.clock import utc_now

NOW = utc_now()


@pytest.fixture
def key_id(engine: sa.Engine) -> str:
    with engine.begin() as conn:
        return create_key(conn, "browser", "law", NOW).row.id


def test_a_token_opens_its_key_s_project_until_it_expires(engine: sa.Engine, key_id: str) -> None:
    with engine.begin() as conn:
        secret = create_token(conn, key_id, TokenTerms(60, max_session_s=120), NOW)
        found = check_token(conn, secret, Scope.LIVE, NOW + timedelta(seconds=59))
        claim_token(conn, found, NOW)
        assert check_token(conn, secret, Scope.LIVE, NOW) == found
        assert (found.key_id, found.project_name, found.max_session_s) == (key_id, "law", 120)
        with pytest.raises(TokenExpired):
            check_token(conn, secret, Scope.LIVE, NOW + timedelta(seconds=60))


def test_a_token_for_one_use_opens_once(engine: sa.Engine, key_id: str) -> None:
    with engine.begin() as conn:
        secret = create_token(conn, key_id, TokenTerms(60, is_single_use=True), NOW)
        first, second = (check_token(conn, secret, Scope.LIVE, NOW) for _ in range(2))
        claim_token(conn, first, NOW)
        with pytest.raises(TokenUsed):
            claim_token(conn, second, NOW)
        with pytest.raises(TokenUsed):
            check_token(conn, secret, Scope.LIVE, NOW)


def test_a_token_is_good_for_its_scope_only(engine: sa.Engine, key_id: str) -> None:
    with engine.begin() as conn:
        viewer = create_token(conn, key_id, TokenTerms(60, Scope.VIEWER, session_id="s"), NOW)
        assert check_token(conn, viewer, Scope.VIEWER, NOW).session_id == "s"
        with pytest.raises(KeyInvalid):
            check_token(conn, viewer, Scope.LIVE, NOW)


def test_a_token_ends_with_the_key_that_made_it(engine: sa.Engine, key_id: str) -> None:
    with engine.begin() as conn:
        secret = create_token(conn, key_id, TokenTerms(60), NOW)
        revoke_key(conn, "browser", NOW, "law")
        with pytest.raises(KeyInvalid):
            check_token(conn, secret, Scope.LIVE, NOW)


def test_what_was_never_a_token_opens_nothing(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        for wrong in ("", "x", "\udcff"):
            with pytest.raises(KeyInvalid):
                check_token(conn, wrong, Scope.LIVE, NOW)


def test_the_token_itself_is_not_stored(engine: sa.Engine, key_id: str) -> None:
    with engine.begin() as conn:
        secret = create_token(conn, key_id, TokenTerms(60), NOW)
        (row,) = conn.execute(sa.select(access_tokens))
    assert secret not in str(row)


def test_expired_tokens_are_forgotten_after_a_day(engine: sa.Engine, key_id: str) -> None:
    with engine.begin() as conn:
        secret = create_token(conn, key_id, TokenTerms(60), NOW)
        forget_expired_tokens(conn, NOW + timedelta(hours=24))
        with pytest.raises(TokenExpired):
            check_token(conn, secret, Scope.LIVE, NOW + timedelta(hours=24))
        forget_expired_tokens(conn, NOW + timedelta(hours=25))
        with pytest.raises(KeyInvalid):
            check_token(conn, secret, Scope.LIVE, NOW + timedelta(hours=25))
