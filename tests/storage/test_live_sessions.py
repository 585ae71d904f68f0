from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from earshot.accounts.keys import create_key
from earshot.storage.live_sessions import (
    LiveSessionRow,
    find_live_session,
    insert_live_session,
    record_session_webhook,
    scrub_live_session,
    scrub_live_sessions,
)
from earshot.transcript.clock import utc_now

NOW = utc_now()


def stored(conn: sa.Connection) -> LiveSessionRow:
    key = create_key(conn, "phone", "law", NOW).row
    row = LiveSessionRow(
        "s",
        key.project_id,
        key.id,
        NOW,
        NOW,
        1234,
        1000,
        webhook_url="http://localhost/",
        webhook_auth_header_name="x",
        webhook_auth_header_value="y",
        webhook_body="{}",
    )
    insert_live_session(conn, row)
    return row


def test_a_session_comes_back_as_it_was(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        row = stored(conn)
        assert find_live_session(conn, "s") == row
        assert find_live_session(conn, "t") is None


def test_what_was_said_is_gone_once_the_webhook_is_done(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        row = stored(conn)
        record_session_webhook(conn, "s", 204)
        scrub_live_session(conn, "s")
        assert find_live_session(conn, "s") == replace(
            row, webhook_status_code=204, webhook_body=None, webhook_auth_header_value=None
        )


def test_what_was_never_delivered_goes_after_a_time(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        row = stored(conn)
        scrub_live_sessions(conn, NOW)
        assert find_live_session(conn, "s") == row
        scrub_live_sessions(conn, NOW + timedelta(seconds=1))
        found = find_live_session(conn, "s")
    assert found is not None
    assert found.webhook_body is None
