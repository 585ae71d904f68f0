from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from earshot.storage.database import open_database, upgrade_schema
from earshot.storage.projects import (
    claim_throttle_notice,
    find_project,
    find_project_by_name,
    hold_project,
    insert_project_if_absent,
    list_projects,
    list_uncleared_projects,
    mark_project_deleted,
    rename_project,
    set_project_limits,
    set_webhook_secret,
)
from earshot.storage.uploads import NewUpload, insert_upload
from earshot.transcript.clock import utc_now
from tests.lock_waits import is_somebody_waiting
from tests.processes import until


def test_a_project_of_a_taken_name_is_the_one_that_was_there(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        first = insert_project_if_absent(conn, "1", "law", utc_now())
        assert insert_project_if_absent(conn, "2", "law", utc_now()) == first
        assert find_project(conn, "1") == first == find_project_by_name(conn, "law")
        assert find_project(conn, "2") is None


def test_a_webhook_secret_replaces_only_the_expected_one(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        insert_project_if_absent(conn, "1", "law", utc_now())
        assert set_webhook_secret(conn, "1", "a", expected=None)
        assert not set_webhook_secret(conn, "1", "b", expected=None)
        assert set_webhook_secret(conn, "1", "c", expected="a")
        found = find_project(conn, "1")
    assert found is not None
    assert found.webhook_secret == "c"


def test_projects_are_listed_until_they_are_deleted(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        for project_id, name in (("1", "law"), ("2", "press")):
            insert_project_if_absent(conn, project_id, name, utc_now())
        assert set_project_limits(conn, "1", {"live_sessions": 2})
        assert rename_project(conn, "2", "news")
        assert [row.name for row in list_projects(conn)] == ["law", "news"]
        assert mark_project_deleted(conn, "1", utc_now())
        assert not mark_project_deleted(conn, "1", utc_now())
        assert not rename_project(conn, "1", "court")
        assert [row.name for row in list_projects(conn)] == ["news"]
        gone = find_project(conn, "1")
    assert gone is not None
    assert (gone.name, gone.limits, gone.webhook_secret) == ("deleted:1", None, None)


def test_a_notice_is_claimed_once_in_its_time(engine: sa.Engine) -> None:
    now, day = utc_now(), timedelta(days=1)
    with engine.begin() as conn:
        insert_project_if_absent(conn, "1", "law", now)
        assert claim_throttle_notice(conn, "1", now, now - day)
        assert not claim_throttle_notice(conn, "1", now + day, now)
        assert claim_throttle_notice(conn, "1", now + 2 * day, now + day)


def test_a_deleted_project_is_not_held_and_gets_no_secret_again(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        insert_project_if_absent(conn, "1", "law", utc_now())
        assert hold_project(conn, "1")
        assert not hold_project(conn, "2")
        mark_project_deleted(conn, "1", utc_now())
        assert not hold_project(conn, "1")
        assert not set_webhook_secret(conn, "1", "whsec_", expected=None)


def test_a_deleted_project_is_cleared_once_nothing_is_left_of_it(engine: sa.Engine) -> None:
    upload = NewUpload("u", "1", "uploads/u", 1, utc_now())
    with engine.begin() as conn:
        for project_id, name in (("1", "law"), ("2", "press")):
            insert_project_if_absent(conn, project_id, name, utc_now())
        insert_upload(conn, upload)
        assert list_uncleared_projects(conn) == []  # it was not deleted
        for project_id in ("1", "2"):
            mark_project_deleted(conn, project_id, utc_now())
        assert list_uncleared_projects(conn) == ["1"]


@pytest.mark.slow
def test_a_project_that_is_held_is_deleted_once_it_is_let_go(postgres_url: str) -> None:
    engine = open_database(postgres_url)
    upgrade_schema(engine)
    with engine.begin() as conn:
        insert_project_if_absent(conn, "1", "law", utc_now())

    def hold() -> bool:
        with engine.begin() as conn:
            return hold_project(conn, "1")

    def delete() -> bool:
        with engine.begin() as conn:
            return mark_project_deleted(conn, "1", utc_now())

    with ThreadPoolExecutor() as pool:
        with engine.begin() as conn:
            assert hold_project(conn, "1")
            assert pool.submit(hold).result()  # whoever else stores something need not wait
            deleting = pool.submit(delete)
            until(lambda: is_somebody_waiting(engine), "the deletion waits for what is stored")
        assert deleting.result()
    assert not hold()
    engine.dispose()
