import sqlalchemy as sa

from earshot.storage.projects import (
    find_project,
    find_project_by_name,
    insert_project_if_absent,
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
