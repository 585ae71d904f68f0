import json

import pytest
import sqlalchemy as sa

from earshot.api.live_admission import admit
from earshot.api.live_plan import SessionWebhook
from earshot.api.live_record import SessionRecord
from earshot.storage.database import reading
from earshot.storage.live_sessions import LiveSessionRow, find_live_session
from earshot.storage.schema import live_sessions
from earshot.streaming.events import LiveWord, TurnUpdated
from tests.api.conftest import World

HOOK = SessionWebhook("https://example.com/", "x", "y")


def turn(text: str, *, is_end: bool = True, is_formatted: bool = False) -> TurnUpdated:
    words = (LiveWord(text, 0, 100, 0.9, is_final=True),)
    return TurnUpdated(0, words, is_end, is_formatted, end_confidence=0.5)


def record(world: World, webhook: SessionWebhook | None) -> SessionRecord:
    admission = admit(world.services, world.key, "")
    return SessionRecord("s", admission, world.clock(), True, webhook)


def stored(world: World) -> LiveSessionRow:
    with reading(world.services.engine) as conn:
        row = find_live_session(conn, "s")
    assert row is not None
    return row


def test_only_turns_that_ended_are_told_and_formatted_ones_in_place_of_plain(world: World) -> None:
    made = record(world, HOOK)
    made.keep(turn("smo", is_end=False))
    made.keep(turn("smoke"))
    made.keep(turn("Smoke.", is_formatted=True))
    made.store(world.services, audio_ms=100, close_code=1000)
    (message,) = json.loads(stored(world).webhook_body or "")["messages"]
    assert message["transcript"] == "Smoke."
    assert world.jobs.announced == ["s"]


def test_without_a_webhook_nothing_that_was_said_is_kept(world: World) -> None:
    made = record(world, None)
    made.keep(turn("smoke"))
    assert made.turns == {}
    made.store(world.services, audio_ms=100, close_code=1006)
    row = stored(world)
    assert (row.webhook_body, row.audio_ms, row.close_code) == (None, 100, 1006)
    assert world.jobs.announced == []


def test_a_database_that_fails_is_the_operator_s_news_and_no_end_of_the_process(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with world.services.engine.begin() as conn:
        conn.execute(sa.schema.DropTable(live_sessions))
    record(world, HOOK).store(world.services, audio_ms=100, close_code=1000)
    assert "live_session_not_stored" in caplog.messages
    assert world.jobs.announced == []
