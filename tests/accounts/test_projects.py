import base64

import pytest
import sqlalchemy as sa

from earshot.accounts.projects import ensure_project, rotate_webhook_secret, webhook_secret
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
