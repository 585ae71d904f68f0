from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from earshot.errors import TransitionImpossible
from earshot.storage.projects import insert_project_if_absent
from earshot.storage.results import find_result
from earshot.storage.transcripts import (
    SCRUBBED_URL,
    NewTranscript,
    TranscriptFilter,
    TranscriptRow,
    begin_transcript,
    complete_transcript,
    expired_transcripts,
    fail_transcript,
    find_transcript,
    has_newer,
    has_older,
    insert_transcript,
    is_upload_awaited,
    list_transcripts,
    list_under_way,
    record_webhook_status,
    scrub_transcript,
)
from earshot.storage.uploads import NewUpload, insert_upload
from earshot.transcript.options import (
    OwnTerms,
    RedactionOptions,
    SpellingRule,
    TranscriptOptions,
    Vocabulary,
)
from earshot.transcript.result import TranscriptResult
from earshot.transcript.status import TranscriptStatus
from earshot.transcript.words import Word

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
RESULT = TranscriptResult((Word("hi", 0, 9, 0.5),), None, 1280, None, "en_us", "moonshine")


@pytest.fixture
def conn(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.begin() as connection:
        for project_id in ("p", "q"):
            insert_project_if_absent(connection, project_id, project_id, NOW)
        yield connection


def insert(conn: sa.Connection, transcript_id: str, **values: Any) -> TranscriptRow:  # noqa: ANN401 - any column
    defaults: dict[str, Any] = {
        "project_id": "p",
        "audio_url": "http://a/b.wav",
        "request": {"punctuate": True},
        "options": TranscriptOptions(),
        "created_at": NOW,
    }
    return insert_transcript(conn, NewTranscript(id=transcript_id, **(defaults | values)))


def ids(rows: Sequence[TranscriptRow]) -> list[str]:
    return [row.id for row in rows]


def test_a_transcript_is_found_by_its_own_project_only(conn: sa.Connection) -> None:
    row = insert(conn, "t", webhook_url="http://w", throttled=True)
    assert find_transcript(conn, "t") == row
    assert find_transcript(conn, "t", "p") == row
    assert find_transcript(conn, "t", "q") is None
    assert (row.status, row.request, row.throttled) == ("queued", {"punctuate": True}, True)


def test_text_that_a_strict_json_type_would_refuse_is_kept(conn: sa.Connection) -> None:
    request = {"prompt": "nul \0 and half a pair \ud800"}
    assert insert(conn, "t", request=request).request == request


def test_a_transcript_goes_from_queued_over_processing_to_completed(conn: sa.Connection) -> None:
    insert(conn, "t", throttled=True)
    begun = begin_transcript(conn, "t", NOW)
    assert (begun.status, begun.throttled, begun.started_at) == ("processing", False, NOW)
    done = complete_transcript(conn, "t", RESULT, NOW)
    assert (done.status, done.completed_at, done.audio_duration_s) == ("completed", NOW, 2)
    assert find_result(conn, "t") == RESULT


def test_a_job_that_was_handed_over_begins_again_without_a_change(conn: sa.Connection) -> None:
    insert(conn, "t")
    begun = begin_transcript(conn, "t", NOW)
    assert begin_transcript(conn, "t", NOW + timedelta(seconds=9)) == begun


def test_a_result_is_stored_once(conn: sa.Connection) -> None:
    insert(conn, "t")
    begin_transcript(conn, "t", NOW)
    complete_transcript(conn, "t", RESULT, NOW)
    with pytest.raises(TransitionImpossible) as caught:
        complete_transcript(conn, "t", RESULT, NOW)
    assert caught.value.met == "completed"


@pytest.mark.parametrize("begun", [False, True])
def test_a_transcript_fails_from_queued_and_from_processing(
    conn: sa.Connection, begun: bool
) -> None:
    insert(conn, "t")
    if begun:
        begin_transcript(conn, "t", NOW)
    failed = fail_transcript(conn, "t", "Audio duration is too short.", NOW, code="audio_too_short")
    assert (failed.status, failed.error) == ("error", "Audio duration is too short.")
    assert failed.error_code == "audio_too_short"
    with pytest.raises(TransitionImpossible):
        begin_transcript(conn, "t", NOW)
    with pytest.raises(TransitionImpossible):
        fail_transcript(conn, "t", "again", NOW, code="audio_too_short")


@pytest.mark.parametrize("fails", [False, True])
def test_what_is_to_be_hidden_is_forgotten_when_the_transcript_ends(
    conn: sa.Connection, fails: bool
) -> None:
    worded = TranscriptOptions(
        vocabulary=Vocabulary(("Blue Sky",)),
        custom_spelling=(SpellingRule(("blue sky",), "BlueSky"),),
        redaction=RedactionOptions(("date",), own_terms=(OwnTerms("project", ("Blue Sky",)),)),
    )
    insert(conn, "t", options=worded)
    insert(conn, "plain", options=replace(worded, redaction=None))
    ended = []
    for name in ("t", "plain"):
        assert begin_transcript(conn, name, NOW).options.vocabulary == Vocabulary(("Blue Sky",))
        if fails:
            ended.append(fail_transcript(conn, name, "no", NOW, code="audio_too_short"))
        else:
            ended.append(complete_transcript(conn, name, RESULT, NOW))
    assert ended == [find_transcript(conn, "t"), find_transcript(conn, "plain")]
    assert ended[0].options == TranscriptOptions(
        redaction=RedactionOptions(("date",), own_terms=(OwnTerms("project", ()),))
    )
    assert ended[1].options == replace(worded, redaction=None)


def test_a_queued_transcript_does_not_complete(conn: sa.Connection) -> None:
    insert(conn, "t")
    with pytest.raises(TransitionImpossible):
        complete_transcript(conn, "t", RESULT, NOW)


def test_a_transition_of_nothing_says_that_it_is_missing(conn: sa.Connection) -> None:
    with pytest.raises(TransitionImpossible) as caught:
        begin_transcript(conn, "t", NOW)
    assert caught.value.met == "missing"


def test_a_deleted_transcript_keeps_nothing_of_the_callers(conn: sa.Connection) -> None:
    insert(
        conn,
        "t",
        webhook_url="http://w",
        webhook_auth_header_name="X-Key",
        webhook_auth_header_value="s3cret",
        options=TranscriptOptions(punctuate=False),
    )
    begin_transcript(conn, "t", NOW)
    complete_transcript(conn, "t", RESULT, NOW)
    row = scrub_transcript(conn, "t", NOW)
    assert (row.status, row.deleted_at, row.audio_duration_s) == ("completed", NOW, 2)
    assert row.audio_url == row.webhook_url == SCRUBBED_URL
    assert (row.request, row.options) == ({}, TranscriptOptions())
    assert row.webhook_auth_header_name is row.webhook_auth_header_value is None
    assert find_result(conn, "t") is None
    assert scrub_transcript(conn, "t", NOW + timedelta(days=1)) == row


def test_a_transcript_under_way_cannot_be_deleted(conn: sa.Connection) -> None:
    insert(conn, "t")
    with pytest.raises(TransitionImpossible):
        scrub_transcript(conn, "t", NOW)


def test_the_last_answer_of_a_webhook_is_remembered(conn: sa.Connection) -> None:
    insert(conn, "t")
    record_webhook_status(conn, "t", 503)
    row = find_transcript(conn, "t")
    assert row is not None
    assert row.webhook_status_code == 503


def test_a_list_pages_through_newest_first_in_both_directions(conn: sa.Connection) -> None:
    rows = {name: insert(conn, name) for name in "abcde"}
    insert(conn, "other", project_id="q")
    page = TranscriptFilter(project_id="p", limit=2)
    assert ids(list_transcripts(conn, page)) == ["e", "d"]
    older = TranscriptFilter(project_id="p", limit=2, before_sequence=rows["d"].sequence)
    assert ids(list_transcripts(conn, older)) == ["c", "b"]
    newer = TranscriptFilter(project_id="p", limit=2, after_sequence=rows["a"].sequence)
    assert ids(list_transcripts(conn, newer)) == ["c", "b"]
    between = TranscriptFilter(
        project_id="p", before_sequence=rows["e"].sequence, after_sequence=rows["b"].sequence
    )
    assert ids(list_transcripts(conn, between)) == ["d", "c"]
    assert has_older(conn, older, rows["b"].sequence)
    assert not has_older(conn, older, rows["a"].sequence)
    assert has_newer(conn, older, rows["d"].sequence)
    assert not has_newer(conn, older, rows["e"].sequence)


def test_a_list_is_narrowed_by_status_day_age_and_throttling(conn: sa.Connection) -> None:
    insert(conn, "old", created_at=NOW - timedelta(days=1))
    insert(conn, "done")
    insert(conn, "waiting", throttled=True)
    fail_transcript(conn, "done", "no", NOW, code="audio_too_short")

    def listed(**values: Any) -> list[str]:  # noqa: ANN401 - any field of the filter
        return ids(list_transcripts(conn, TranscriptFilter(project_id="p", **values)))

    assert listed(status=TranscriptStatus.ERROR) == ["done"]
    assert listed(created_on=date(2026, 5, 3)) == ["old"]
    assert listed(created_on=date.min) == []
    assert listed(created_on=date.max) == []
    assert listed(created_after=NOW - timedelta(hours=1)) == ["waiting", "done"]
    assert listed(throttled_only=True, status=TranscriptStatus.ERROR) == ["waiting"]


def test_only_old_transcripts_that_ended_expire(conn: sa.Connection) -> None:
    for name in ("ended", "deleted", "queued"):
        insert(conn, name, created_at=NOW - timedelta(days=9))
    insert(conn, "new")
    for name in ("ended", "deleted", "new"):
        fail_transcript(conn, name, "no", NOW, code="audio_too_short")
    scrub_transcript(conn, "deleted", NOW)
    assert ids(expired_transcripts(conn, NOW - timedelta(days=1))) == ["ended"]


def test_what_has_not_ended_is_under_way(conn: sa.Connection) -> None:
    for transcript_id in ("queued", "processing", "failed"):
        insert(conn, transcript_id)
    begin_transcript(conn, "processing", NOW)
    fail_transcript(conn, "failed", "no", NOW, code="audio_too_short")
    assert list_under_way(conn) == ["queued", "processing"]


def test_an_upload_is_awaited_until_every_transcript_of_it_has_ended(conn: sa.Connection) -> None:
    insert_upload(conn, NewUpload("u", "p", "uploads/u", 4, NOW))
    assert not is_upload_awaited(conn, "u")
    for transcript_id in ("a", "b"):
        insert(conn, transcript_id, upload_id="u")
    fail_transcript(conn, "a", "x", NOW, code="audio_too_short")
    assert is_upload_awaited(conn, "u")
    begin_transcript(conn, "b", NOW)
    assert is_upload_awaited(conn, "u")
    complete_transcript(conn, "b", RESULT, NOW)
    assert not is_upload_awaited(conn, "u")
