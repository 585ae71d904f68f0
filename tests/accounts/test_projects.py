import base64

import pytest
import sqlalchemy as sa

from earshot.accounts.projects import (
    change_name,
    create_project,
    ensure_project,
    require_project,
    rotate_webhook_secret,
    webhook_secret,
)
from earshot.errors import NameTaken, ProjectNamedInSettings, ProjectNotFound
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
    with pytest.raises(LookupError), engine.begin() as conn:
        webhook_secret(conn, "nobody")


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
