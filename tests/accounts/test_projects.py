import base64

import pytest
import sqlalchemy as sa

from earshot.accounts.projects import (
    change_name,
    create_project,
    ensure_project,
    hold_owner,
    require_project,
    rotate_webhook_secret,
    webhook_secret,
)
from earshot.errors import (
    KeyInvalid,
    NameTaken,
    ProjectNamedInSettings,
    ProjectNotFound,
    RequestInvalid,
)
from earshot.storage.projects import mark_project_deleted
from earshot.transcript.clock import utc_now


def test_a_project_is_made_once(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        assert ensure_project(conn, "law", utc_now()) == ensure_project(conn, "law", utc_now())


def test_a_webhook_secret_is_made_once_and_replaced_on_demand(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        project = ensure_project(conn, "law", utc_now())
        secret = webhook_secret(conn, project.id)
        assert webhook_secret(conn, project.id) == secret
        rotated = rotate_webhook_secret(conn, project.id)
        assert webhook_secret(conn, project.id) == rotated != secret
    prefix, encoded = secret[:6], secret[6:]
    assert prefix == "whsec_"
    assert 24 <= len(base64.b64decode(encoded, validate=True)) <= 64


def test_an_unknown_project_has_no_secret(engine: sa.Engine) -> None:
    with pytest.raises(ProjectNotFound), engine.begin() as conn:
        webhook_secret(conn, "nobody")


def test_a_deleted_project_gets_no_secret_again(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        project = ensure_project(conn, "law", utc_now())
        webhook_secret(conn, project.id)
        mark_project_deleted(conn, project.id, utc_now())
        for secret in (webhook_secret, rotate_webhook_secret):
            with pytest.raises(ProjectNotFound):
                secret(conn, project.id)


def test_whoever_was_let_in_before_their_project_was_deleted_stores_nothing(
    engine: sa.Engine,
) -> None:
    with engine.begin() as conn:
        project = ensure_project(conn, "law", utc_now())
        hold_owner(conn, project.id)
        mark_project_deleted(conn, project.id, utc_now())
        with pytest.raises(KeyInvalid):
            hold_owner(conn, project.id)


@pytest.mark.parametrize("name", ["", " law", "deleted:1", "a\tb"])
def test_what_is_no_name_is_nobody_s(engine: sa.Engine, name: str) -> None:
    with engine.begin() as conn:
        law = create_project(conn, "law", utc_now())
        for give in (
            lambda: create_project(conn, name, utc_now()),
            lambda: ensure_project(conn, name, utc_now()),
            lambda: change_name(conn, law.id, name),
        ):
            with pytest.raises(RequestInvalid, match="name must"):
                give()


def test_no_name_stands_in_the_way_of_deleting_a_project(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        law = create_project(conn, "law", utc_now())
        with pytest.raises(RequestInvalid):
            create_project(conn, f"deleted:{law.id}", utc_now())
        assert mark_project_deleted(conn, law.id, utc_now())


def test_a_project_is_made_once_and_renamed_to_a_free_name(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        law = create_project(conn, "law", utc_now())
        with pytest.raises(NameTaken, match="law"):
            create_project(conn, "law", utc_now())
        create_project(conn, "press", utc_now())
        with pytest.raises(NameTaken, match="press"):
            change_name(conn, law.id, "press")
        change_name(conn, law.id, "court")
        assert require_project(conn, "court").id == law.id
        with pytest.raises(ProjectNotFound):
            change_name(conn, "nobody", "x")


def test_a_project_that_settings_go_by_keeps_its_name(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        law = create_project(conn, "law", utc_now())
        with pytest.raises(ProjectNamedInSettings, match="law"):
            change_name(conn, law.id, "court", {"law"})
        change_name(conn, law.id, "law", {"law"})
        change_name(conn, law.id, "court", {"press"})
        assert require_project(conn, "court").id == law.id


def test_the_name_of_a_deleted_project_is_free(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        first = create_project(conn, "law", utc_now())
        mark_project_deleted(conn, first.id, utc_now())
        with pytest.raises(ProjectNotFound):
            require_project(conn, "law")
        with pytest.raises(ProjectNotFound):
            change_name(conn, first.id, "again")
        assert create_project(conn, "law", utc_now()).id != first.id
