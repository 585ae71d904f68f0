from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from earshot.accounts.keys import (
    authenticate,
    create_key,
    list_keys,
    record_use,
    revoke_key,
    revoke_key_by_id,
    withdraw_key,
)
from earshot.accounts.limits import NO_LIMITS
from earshot.errors import KeyInvalid, KeyNotFound, NameTaken, RequestInvalid
from earshot.storage.database import open_database, upgrade_schema
from earshot.storage.projects import set_project_limits
from earshot.storage.schema import api_keys
from earshot.transcript.clock import utc_now
from tests.lock_waits import is_somebody_waiting
from tests.processes import until

NOW = utc_now()


def test_a_key_opens_its_project_until_it_is_revoked(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        created = create_key(conn, "laptop", "law", NOW)
        principal = authenticate(conn, created.secret, NOW)
        assert (principal.project_name, principal.key_id) == ("law", created.row.id)
        revoke_key(conn, "laptop", NOW, "law")
        with pytest.raises(KeyInvalid):
            authenticate(conn, created.secret, NOW)
        assert [key.revoked_at for key in list_keys(conn)] == [NOW]


@pytest.mark.parametrize("secret", ["", "0" * 32, "é", "\ud800", "x" * 100_000])
def test_what_is_no_key_opens_nothing(engine: sa.Engine, secret: str) -> None:
    with engine.begin() as conn:
        create_key(conn, "laptop", "law", NOW)
        with pytest.raises(KeyInvalid):
            authenticate(conn, secret, NOW)


def test_a_key_is_stored_and_shown_nowhere(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        created = create_key(conn, "laptop", "law", NOW)
        stored = conn.execute(sa.select(api_keys)).one()
    assert created.secret not in repr(stored)
    assert created.secret not in repr(created)
    assert created.row.hint == created.secret[:8]


def test_a_live_keys_name_is_taken_within_its_project_only(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        create_key(conn, "laptop", "law", NOW)
        with pytest.raises(NameTaken):
            create_key(conn, "laptop", "law", NOW)
        create_key(conn, "laptop", "health", NOW)
        revoke_key(conn, "laptop", NOW, "law")
        create_key(conn, "laptop", "law", NOW)


@pytest.mark.slow
def test_of_two_who_take_a_name_at_once_one_is_told_that_it_is_taken(postgres_url: str) -> None:
    engine = open_database(postgres_url)
    upgrade_schema(engine)
    with engine.begin() as conn:
        create_key(conn, "desktop", "law", NOW)

    def create() -> None:
        with engine.begin() as conn:
            create_key(conn, "laptop", "law", NOW)

    with ThreadPoolExecutor() as pool:
        with engine.begin() as conn:
            create_key(conn, "laptop", "law", NOW)
            second = pool.submit(create)
            until(lambda: is_somebody_waiting(engine), "the second waits for the first")
        with pytest.raises(NameTaken):
            second.result()
    engine.dispose()


def test_a_key_that_was_withdrawn_never_was(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        created = create_key(conn, "laptop", "law", NOW)
        withdraw_key(conn, created)
        assert list_keys(conn) == []


@pytest.mark.parametrize(("name", "project"), [("desktop", "law"), ("laptop", "health")])
def test_a_key_that_is_not_there_cannot_be_revoked(
    engine: sa.Engine, name: str, project: str
) -> None:
    with engine.begin() as conn:
        create_key(conn, "laptop", "law", NOW)
        with pytest.raises(KeyNotFound):
            revoke_key(conn, name, NOW, project)


def test_use_is_due_for_recording_once_a_minute(engine: sa.Engine) -> None:
    later = NOW + timedelta(minutes=1)
    with engine.begin() as conn:
        secret = create_key(conn, "laptop", "law", NOW).secret
        principal = authenticate(conn, secret, NOW)
        assert principal.is_use_due
        record_use(conn, principal, NOW)
        assert not authenticate(conn, secret, NOW).is_use_due
        assert authenticate(conn, secret, later).is_use_due


def test_a_key_is_revoked_by_its_id_once(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        created = create_key(conn, "laptop", "law", NOW)
        assert revoke_key_by_id(conn, created.row.id, NOW).name == "laptop"
        with pytest.raises(KeyInvalid):
            authenticate(conn, created.secret, NOW)
        for key_id in (created.row.id, "nobody"):
            with pytest.raises(KeyNotFound):
                revoke_key_by_id(conn, key_id, NOW)


def test_whoever_has_a_key_has_the_limits_of_its_project(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        created = create_key(conn, "laptop", "law", NOW)
        assert authenticate(conn, created.secret, NOW).limits == NO_LIMITS
        set_project_limits(conn, created.row.project_id, {"live_sessions": 2})
        limits = authenticate(conn, created.secret, NOW).limits
    assert limits.live_sessions == 2


def test_a_key_needs_a_name_that_can_be_shown(engine: sa.Engine) -> None:
    with pytest.raises(RequestInvalid), engine.begin() as conn:
        create_key(conn, "\x1b[2J", "law", NOW)
    with engine.begin() as conn:
        assert list_keys(conn) == []
