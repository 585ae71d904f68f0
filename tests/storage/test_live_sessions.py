from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from earshot.accounts.keys import create_key
from earshot.storage.live_sessions import (
    STILL_OPEN,
    LiveSessionRow,
    end_live_session,
    find_live_session,
    insert_live_session,
    note_live_session,
    open_live_sessions,
    record_session_webhook,
    save_live_session,
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


def test_what_is_known_of_a_session_is_replaced_by_what_is_known_later(engine: sa.Engine) -> None:
    later = NOW + timedelta(seconds=10)
    with engine.begin() as conn:
        row = replace(stored(conn), audio_ms=2000, webhook_body="[]")
        save_live_session(conn, row)
        assert find_live_session(conn, "s") == row
        save_live_session(conn, replace(row, id="t"))
        note_live_session(conn, "t", audio_ms=3000, now=later)
        noted = replace(row, id="t", audio_ms=3000, ended_at=later)
        assert find_live_session(conn, "t") == noted


def test_an_open_session_is_ended_once_and_an_ended_one_never(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        row = stored(conn)
        open_row = replace(row, id="t", close_code=STILL_OPEN)
        save_live_session(conn, open_row)
        assert open_live_sessions(conn) == ["t"]
        assert end_live_session(conn, "s", 1006) is None
        assert end_live_session(conn, "t", 1006) == replace(open_row, close_code=1006)
        assert end_live_session(conn, "t", 1006) is None
        assert open_live_sessions(conn) == []
