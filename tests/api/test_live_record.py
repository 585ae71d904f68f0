import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from earshot.accounts.usage import record_live_session, report_usage
from earshot.api.live_admission import admit
from earshot.api.live_plan import SessionWebhook
from earshot.api.live_record import SessionRecord
from earshot.jobs.locks import FileLocks
from earshot.storage.database import reading
from earshot.storage.live_sessions import (
    STILL_OPEN,
    LiveSessionRow,
    end_live_session,
    find_live_session,
)
from earshot.storage.projects import mark_project_deleted
from earshot.storage.schema import live_sessions
from earshot.storage.usage import UsageFilter
from earshot.streaming.events import LiveWord, SpeakerRevision, SpeakersRevised, TurnUpdated
from tests.api.conftest import World

HOOK = SessionWebhook("https://example.com/", "x", "y")


@pytest.fixture
def locks(tmp_path: Path) -> Iterator[FileLocks]:
    """Those of the process that holds the session."""
    locks = FileLocks(tmp_path / "locks")
    yield locks
    locks.close()


def turn(text: str, *, is_end: bool = True, is_formatted: bool = False) -> TurnUpdated:
    words = (LiveWord(text, 0, 100, 0.9, is_final=True),)
    return TurnUpdated(0, words, is_end, is_formatted, end_confidence=0.5)


def record(world: World, webhook: SessionWebhook | None) -> SessionRecord:
    admission = admit(world.services, world.key, "")
    return SessionRecord("s", admission, world.clock(), True, webhook)


def test_turns_that_were_kept_get_the_speakers_that_are_known_at_the_end(world: World) -> None:
    kept = record(world, HOOK)
    kept.keep(replace(turn("One."), speaker_label="UNKNOWN"))
    words = (LiveWord("One.", 0, 100, 0.9, is_final=True, speaker="A"),)
    revisions = (SpeakerRevision(0, "A", words), SpeakerRevision(9, "A", words))
    kept.revise(SpeakersRevised(revisions))
    (message,) = kept.turns.values()
    assert (message["speaker_label"], message["words"][0]["speaker"]) == ("A", "A")
    assert message["transcript"] == "One."


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


def test_a_session_is_written_down_while_it_goes_on(world: World, locks: FileLocks) -> None:
    made = record(world, HOOK)
    made.note(world.services, locks, audio_ms=100)
    before = stored(world)
    made.keep(turn("smoke"))
    made.note(world.services, locks, audio_ms=200)
    made.note(world.services, locks, audio_ms=300)
    row = stored(world)
    assert (before.audio_ms, row.audio_ms, row.close_code) == (100, 300, STILL_OPEN)
    assert row.ended_at > before.ended_at
    assert json.loads(row.webhook_body or "")["messages"][0]["transcript"] == "smoke"
    assert world.jobs.announced == []


def test_the_end_is_the_last_thing_that_is_written(
    world: World, locks: FileLocks, tmp_path: Path
) -> None:
    made = record(world, HOOK)
    made.note(world.services, locks, audio_ms=100)
    made.store(world.services, locks, audio_ms=200, close_code=1000)
    made.note(world.services, locks, audio_ms=150)
    assert (stored(world).audio_ms, stored(world).close_code) == (200, 1000)
    assert list((tmp_path / "locks").iterdir()) == []
    assert world.jobs.announced == ["s"]


def test_what_cannot_be_written_down_ends_no_session(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    record(world, None).note(world.services, FileLocks(tmp_path / "file"), audio_ms=100)
    assert "live_session_not_stored" in caplog.messages


def test_a_session_is_counted_once_also_where_somebody_took_its_process_for_dead(
    world: World, locks: FileLocks
) -> None:
    made = replace(record(world, None), engine="tones")
    made.note(world.services, locks, audio_ms=100)
    with world.services.engine.begin() as conn:
        ended = end_live_session(conn, "s", 1006)
        assert ended is not None
        record_live_session(conn, ended)
    made.store(world.services, locks, audio_ms=200, close_code=1000)
    with reading(world.services.engine) as conn:
        (line,) = report_usage(conn, UsageFilter())
    assert (line.total.model, line.total.n_requests, line.total.audio_ms) == ("tones", 1, 100)
    assert stored(world).engine == "tones"


def test_of_a_deleted_project_s_session_only_numbers_are_kept(
    world: World, locks: FileLocks
) -> None:
    made = record(world, HOOK)
    made.keep(turn("smoke"))
    with world.services.engine.begin() as conn:
        mark_project_deleted(conn, made.admission.project_id, world.clock())
    made.note(world.services, locks, audio_ms=100)
    noted = stored(world)
    made.store(world.services, locks, audio_ms=200, close_code=1008)
    for row in (noted, stored(world)):
        assert (row.webhook_url, row.webhook_body) == (None, None)
        assert (row.webhook_auth_header_name, row.webhook_auth_header_value) == (None, None)
    assert world.jobs.announced == []
    with reading(world.services.engine) as conn:
        (line,) = report_usage(conn, UsageFilter())
    assert line.total.audio_ms == 200
