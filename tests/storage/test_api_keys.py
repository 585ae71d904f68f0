from dataclasses import replace

import pytest
import sqlalchemy as sa

from earshot.storage.api_keys import (
    NewApiKey,
    find_live_key_by_hash,
    find_live_key_by_name,
    insert_api_key,
    list_api_keys,
    record_api_key_use,
    revoke_api_key,
)
from earshot.storage.projects import insert_project_if_absent
from earshot.transcript.clock import utc_now

NEW = NewApiKey("k1", "p", "laptop", "hash1", "hint", utc_now())


def test_a_revoked_key_is_found_no_more_but_stays_in_the_list(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        insert_project_if_absent(conn, "p", "law", utc_now())
        row = insert_api_key(conn, NEW)
        assert row.project_name == "law"
        assert find_live_key_by_hash(conn, "hash1") == row
        assert find_live_key_by_name(conn, "p", "laptop") == row
        revoke_api_key(conn, "k1", utc_now())
        assert find_live_key_by_hash(conn, "hash1") is None
        assert find_live_key_by_name(conn, "p", "laptop") is None
        assert [key.id for key in list_api_keys(conn)] == ["k1"]


def test_a_name_is_free_again_once_its_key_is_revoked(engine: sa.Engine) -> None:
    again = replace(NEW, id="k2", key_hash="hash2")
    with engine.begin() as conn:
        insert_project_if_absent(conn, "p", "law", utc_now())
        insert_api_key(conn, NEW)
        with pytest.raises(sa.exc.IntegrityError), conn.begin_nested():
            insert_api_key(conn, again)
        revoke_api_key(conn, "k1", utc_now())
        assert insert_api_key(conn, again).id == "k2"


def test_use_is_remembered(engine: sa.Engine) -> None:
    now = utc_now()
    with engine.begin() as conn:
        insert_project_if_absent(conn, "p", "law", now)
        insert_api_key(conn, NEW)
        record_api_key_use(conn, "k1", now)
        found = find_live_key_by_hash(conn, "hash1")
    assert found is not None
    assert found.last_used_at == now
