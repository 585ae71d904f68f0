import pytest
import sqlalchemy as sa

from earshot.accounts.admin_keys import (
    are_administrators_known,
    authenticate_admin,
    create_admin_key,
    record_admin_use,
    revoke_admin_key,
)
from earshot.accounts.keys import create_key
from earshot.errors import AdminKeyNotFound, KeyInvalid, NameTaken
from earshot.storage.schema import admin_keys
from earshot.transcript.clock import utc_now

NOW = utc_now()


def test_a_key_opens_until_it_is_revoked(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        assert not are_administrators_known(conn)
        key = create_admin_key(conn, "ops", NOW)
        assert are_administrators_known(conn)
        assert authenticate_admin(conn, key.secret, NOW) == (key.row.id, True)
        record_admin_use(conn, key.row.id, NOW)
        assert authenticate_admin(conn, key.secret, NOW) == (key.row.id, False)
        revoke_admin_key(conn, "ops")
        with pytest.raises(KeyInvalid):
            authenticate_admin(conn, key.secret, NOW)
        with pytest.raises(AdminKeyNotFound):
            revoke_admin_key(conn, "ops")


@pytest.mark.parametrize("secret", ["", "esadm_", "é", "\ud800", "x" * 100_000])
def test_what_is_no_key_opens_nothing(engine: sa.Engine, secret: str) -> None:
    with engine.begin() as conn:
        create_admin_key(conn, "ops", NOW)
        with pytest.raises(KeyInvalid):
            authenticate_admin(conn, secret, NOW)


def test_an_api_key_is_no_admin_key(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        create_admin_key(conn, "ops", NOW)
        with pytest.raises(KeyInvalid):
            authenticate_admin(conn, create_key(conn, "laptop", "law", NOW).secret, NOW)


def test_a_name_is_for_one_key(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        create_admin_key(conn, "ops", NOW)
        with pytest.raises(NameTaken):
            create_admin_key(conn, "ops", NOW)


def test_the_key_itself_is_stored_nowhere(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        key = create_admin_key(conn, "ops", NOW)
        stored = str(conn.execute(sa.select(admin_keys)).one())
    assert key.secret not in stored
    assert key.secret not in repr(key)
