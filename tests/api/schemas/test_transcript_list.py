from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from earshot.api.schemas.transcript_list import ListQuery, list_item, parse_list_query
from earshot.errors import RequestInvalid
from earshot.storage.transcripts import TranscriptRow
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.status import TranscriptStatus

ROW = TranscriptRow(
    id="t",
    sequence=1,
    project_id="p",
    status=TranscriptStatus.ERROR,
    audio_url="https://example.com/smoke.mp3",
    upload_id=None,
    request={},
    options=TranscriptOptions(),
    throttled=False,
    allows_private_hosts=False,
    created_at=datetime(2024, 3, 11, 21, 29, 59, 936851, UTC),
    started_at=None,
    completed_at=None,
    deleted_at=None,
    error="Audio duration is too short.",
    error_code=None,
    audio_duration_s=None,
    webhook_url=None,
    webhook_auth_header_name=None,
    webhook_auth_header_value=None,
    webhook_status_code=None,
)


def test_nothing_asked_for_is_the_ten_newest() -> None:
    assert parse_list_query({}) == ListQuery(limit=10)


def test_an_empty_value_is_the_same_as_none() -> None:
    names = ["limit", "status", "created_on", "before_id", "after_id", "throttled_only"]
    assert parse_list_query(dict.fromkeys(names, "")) == ListQuery()


def test_every_parameter_is_read() -> None:
    query = {
        "limit": "200",
        "status": "completed",
        "created_on": "2026-03-05",
        "before_id": "b",
        "after_id": "a",
        "throttled_only": "True",
        "unknown": "x",
    }
    assert parse_list_query(query) == ListQuery(
        limit=200,
        status=TranscriptStatus.COMPLETED,
        created_on=date(2026, 3, 5),
        before_id="b",
        after_id="a",
        throttled_only=True,
    )


def test_a_status_is_understood_as_the_older_sdk_spells_it() -> None:
    query = {"status": "TranscriptStatus.completed"}
    assert parse_list_query(query) == ListQuery(status=TranscriptStatus.COMPLETED)


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1.0", "ten", "9" * 5000, " 1", "²"])
def test_a_limit_outside_of_1_to_200_is_refused(limit: str) -> None:
    with pytest.raises(RequestInvalid, match=r"^limit must be an integer between 1 and 200"):
        parse_list_query({"limit": limit})


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"status": "done"}, "status must be one of: queued, processing, completed, error"),
        ({"created_on": "05.03.2026"}, "created_on must be a date of the form YYYY-MM-DD"),
        ({"created_on": "2026-02-30"}, "created_on must be a date of the form YYYY-MM-DD"),
        ({"throttled_only": "maybe"}, "throttled_only must be a Boolean"),
    ],
)
def test_a_value_that_means_nothing_is_refused(query: dict[str, str], sentence: str) -> None:
    with pytest.raises(RequestInvalid) as refused:
        parse_list_query(query)
    assert str(refused.value) == sentence


def test_times_are_in_utc_with_microseconds_and_without_a_zone() -> None:
    elsewhere = timezone(timedelta(hours=2))
    row = replace(ROW, completed_at=datetime(2024, 3, 12, 1, 0, tzinfo=elsewhere))
    item = list_item(row, "http://here/v2/transcript/t")
    assert item.model_dump(mode="json") == {
        "id": "t",
        "resource_url": "http://here/v2/transcript/t",
        "status": "error",
        "created": "2024-03-11T21:29:59.936851",
        "completed": "2024-03-11T23:00:00.000000",
        "audio_url": "https://example.com/smoke.mp3",
        "error": "Audio duration is too short.",
    }


def test_what_has_not_ended_has_no_time_of_completion() -> None:
    assert list_item(ROW, "http://here").completed is None
