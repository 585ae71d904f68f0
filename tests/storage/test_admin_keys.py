import pytest
import sqlalchemy as sa

from earshot.storage.admin_keys import (
    AdminKeyRow,
    delete_admin_key,
    find_admin_key,
    insert_admin_key,
    list_admin_keys,
    record_admin_key_use,
)
from earshot.transcript.clock import utc_now


def test_a_key_is_found_by_its_hash_until_it_is_deleted(engine: sa.Engine) -> None:
    row = AdminKeyRow("1", "ops", "abc", "a", utc_now())
    with engine.begin() as conn:
        insert_admin_key(conn, row)
        assert find_admin_key(conn, "abc") == row
        assert find_admin_key(conn, "ab") is None
        assert list_admin_keys(conn) == [row]
        assert delete_admin_key(conn, "ops")
        assert not delete_admin_key(conn, "ops")
        assert find_admin_key(conn, "abc") is None


def test_its_last_use_is_kept(engine: sa.Engine) -> None:
    now = utc_now()
    with engine.begin() as conn:
        insert_admin_key(conn, AdminKeyRow("1", "ops", "abc", "a", now))
        record_admin_key_use(conn, "1", now)
        found = find_admin_key(conn, "abc")
    assert found is not None
    assert found.last_used_at == now


def test_a_name_is_for_one_key(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        insert_admin_key(conn, AdminKeyRow("1", "ops", "abc", "a", utc_now()))
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as conn:
        insert_admin_key(conn, AdminKeyRow("2", "ops", "abcd", "a", utc_now()))
