from datetime import timedelta

import sqlalchemy as sa

from earshot.storage.projects import (
    claim_throttle_notice,
    find_project,
    find_project_by_name,
    insert_project_if_absent,
    list_deleted_projects,
    list_projects,
    mark_project_deleted,
    rename_project,
    set_project_limits,
    set_webhook_secret,
)
from earshot.transcript.clock import utc_now


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
        assert list_deleted_projects(conn) == ["1"]
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
