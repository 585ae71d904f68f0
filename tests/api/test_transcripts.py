import pytest

from earshot.accounts.keys import Principal, authenticate
from earshot.accounts.projects import require_project
from earshot.api.transcripts import (
    cancel_transcript,
    delete_transcript,
    owned_transcript,
    submit_transcript,
)
from earshot.egress.buckets import parse_buckets
from earshot.errors import (
    JobAlreadyEnded,
    KeyInvalid,
    RequestInvalid,
    TranscriptNotFound,
    UploadOfAnotherProject,
)
from earshot.storage.database import reading
from earshot.storage.erasure import work_prefix
from earshot.storage.projects import mark_project_deleted, set_project_limits
from earshot.storage.transcripts import TranscriptFilter, TranscriptRow, list_transcripts
from earshot.storage.uploads import find_upload
from earshot.transcript.status import TranscriptStatus
from tests.api.conftest import AUDIO_URL, World, result_of


def test_an_object_of_a_bucket_is_queued_where_the_project_may_name_it(world: World) -> None:
    client = world.client_with(world.key, buckets=parse_buckets(["default=s3://calls"]))
    other = world.client_with(
        world.new_key("other", "clinic"), buckets=parse_buckets(["default=s3://calls"])
    )
    body = {"audio_url": "s3://calls/2026/a call.wav"}
    answer = client.post("/v2/transcript", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["audio_url"] == body["audio_url"]
    for refused in (other, world.client):
        answer = refused.post("/v2/transcript", json=body)
        assert answer.status_code == 400
        assert "no bucket to your project (EARSHOT_SOURCE_BUCKETS)" in answer.json()["error"]


def caller_with(world: World, key: str) -> Principal:
    with reading(world.services.engine) as conn:
        return authenticate(conn, key, world.clock())


def stored(world: World) -> list[TranscriptRow]:
    caller = caller_with(world, world.key)
    with reading(world.services.engine) as conn:
        return list(list_transcripts(conn, TranscriptFilter(project_id=caller.project_id)))


def submit(world: World, **body: object) -> TranscriptRow:
    return submit_transcript(
        world.services,
        caller_with(world, world.key),
        {"audio_url": AUDIO_URL, **body},
        allows_private_hosts=False,
    )


def test_the_row_and_its_job_are_written_together(world: World) -> None:
    row = submit(world, webhook_url="https://example.com/hook")
    assert world.jobs.submitted == [(row.id, row.project_id)]
    assert stored(world) == [row]
    assert row.status is TranscriptStatus.QUEUED
    assert row.webhook_url == "https://example.com/hook"


def test_a_job_that_cannot_be_queued_leaves_no_row(world: World) -> None:
    upload_url = world.upload()
    world.jobs.failure = RuntimeError("no queue")
    with pytest.raises(RuntimeError):
        submit(world, audio_url=upload_url)
    assert stored(world) == []
    with reading(world.services.engine) as conn:
        upload = find_upload(conn, upload_url.rpartition("/")[2])
    assert upload is not None
    assert upload.used_at is None


def test_a_refused_request_leaves_nothing(world: World) -> None:
    with pytest.raises(RequestInvalid):
        submit(world, domain="medical-v1")
    assert (stored(world), world.jobs.submitted) == ([], [])


def test_the_same_request_twice_is_two_transcripts(world: World) -> None:
    assert submit(world).id != submit(world).id


@pytest.mark.parametrize(("n_loaded", "is_throttled"), [(0, False), (199, False), (200, True)])
def test_a_transcript_over_the_limit_waits_and_says_so(
    world: World, n_loaded: int, is_throttled: bool
) -> None:
    world.jobs.n_loaded = n_loaded
    assert submit(world).throttled is is_throttled


def test_a_transcript_over_the_limit_of_its_project_has_no_job_yet(world: World) -> None:
    with world.services.engine.begin() as conn:
        project = require_project(conn, "default")
        set_project_limits(conn, project.id, {"concurrent_transcripts": 1})
    first, second = world.submit(), world.submit()
    assert [world.row(one).throttled for one in (first, second)] == [False, True]
    assert world.jobs.submitted == [(first, project.id)]
    answer = world.client.post(f"/v2/transcript/{second}/cancel")
    assert answer.json()["status"] == "error"


def test_that_a_project_is_throttled_is_told_once_a_day(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.jobs.n_loaded = 200
    for hours, n_told in ((0, 1), (23, 1), (2, 2)):
        world.clock.turn(hours=hours)
        submit(world)
        assert caplog.messages.count("project_throttled") == n_told


def test_an_upload_is_in_use_from_then_on(world: World) -> None:
    upload_url = world.upload()
    row = submit(world, audio_url=upload_url)
    assert row.upload_id == upload_url.rpartition("/")[2]
    assert row.audio_url == upload_url
    with reading(world.services.engine) as conn:
        upload = find_upload(conn, row.upload_id or "")
    assert upload is not None
    assert upload.used_at is not None


def test_an_upload_of_another_project_is_refused(world: World) -> None:
    upload_url = world.upload()
    other = caller_with(world, world.new_key("theirs", "other"))
    with pytest.raises(UploadOfAnotherProject):
        submit_transcript(
            world.services, other, {"audio_url": upload_url}, allows_private_hosts=False
        )


def test_an_upload_that_nobody_knows_is_a_url_like_any_other(world: World) -> None:
    unknown = "http://testserver/upload/6d7f0a60-3a5b-4a4f-8f8d-123456789abc"
    assert submit(world, audio_url=unknown).upload_id is None


@pytest.mark.parametrize("is_allowed", [True, False])
def test_where_its_urls_may_lead_is_kept_with_the_transcript(
    world: World, is_allowed: bool
) -> None:
    row = submit_transcript(
        world.services,
        caller_with(world, world.key),
        {"audio_url": AUDIO_URL},
        allows_private_hosts=is_allowed,
    )
    assert row.allows_private_hosts is is_allowed


def test_a_transcript_of_another_project_is_as_unknown_as_none(world: World) -> None:
    row = submit(world)
    other = caller_with(world, world.new_key("theirs", "other"))
    for transcript_id in (row.id, "nonsense", ""):
        with reading(world.services.engine) as conn, pytest.raises(TranscriptNotFound):
            owned_transcript(conn, transcript_id, other)
    with pytest.raises(TranscriptNotFound):
        cancel_transcript(world.services, other, row.id)
    with pytest.raises(TranscriptNotFound):
        delete_transcript(world.services, other, row.id)


@pytest.mark.parametrize("is_begun", [False, True])
def test_cancelling_ends_the_transcript_tells_the_receiver_and_stops_the_job(
    world: World, is_begun: bool
) -> None:
    row = submit(world, webhook_url="https://example.com/hook")
    if is_begun:
        world.begin(row.id)
    world.services.media.put(f"{work_prefix(row.id)}/part-0", [b"words"])
    cancelled = cancel_transcript(world.services, caller_with(world, world.key), row.id)
    assert (cancelled.status, cancelled.error) == ("error", "Cancelled by user.")
    assert cancelled == world.row(row.id)
    assert world.jobs.announced == [row.id]
    assert world.jobs.cancelled == [row.id]
    assert world.stored_files() == []


def test_cancelling_again_changes_nothing(world: World) -> None:
    caller = caller_with(world, world.key)
    row = submit(world, webhook_url="https://example.com/hook")
    first = cancel_transcript(world.services, caller, row.id)
    assert cancel_transcript(world.services, caller, row.id) == first
    assert world.jobs.announced == [row.id]


def test_nobody_is_told_of_a_cancellation_who_did_not_ask_to_be(world: World) -> None:
    row = submit(world)
    cancel_transcript(world.services, caller_with(world, world.key), row.id)
    assert world.jobs.announced == []


def test_what_has_ended_cannot_be_cancelled(world: World) -> None:
    caller = caller_with(world, world.key)
    completed, failed = submit(world), submit(world)
    world.complete(completed.id, result_of("Good morning."))
    world.fail(failed.id, "Audio duration is too short.")
    for row, status in ((completed, "completed"), (failed, "error")):
        with pytest.raises(JobAlreadyEnded, match=f"status of '{status}'"):
            cancel_transcript(world.services, caller, row.id)
    assert world.row(failed.id).error == "Audio duration is too short."
    assert world.jobs.cancelled == []


def test_a_failure_that_reads_like_a_cancellation_is_none(world: World) -> None:
    row = submit(world)
    world.fail(row.id, "Cancelled by user.")
    with pytest.raises(JobAlreadyEnded):
        cancel_transcript(world.services, caller_with(world, world.key), row.id)


def test_deleting_takes_words_upload_leftovers_and_job_history(world: World) -> None:
    caller = caller_with(world, world.key)
    row = submit(world, audio_url=world.upload())
    world.complete(row.id, result_of("Good morning."))
    world.services.media.put(f"{work_prefix(row.id)}/part-0", [b"words"])
    scrubbed = delete_transcript(world.services, caller, row.id)
    assert scrubbed.deleted_at is not None
    assert scrubbed.request == {}
    assert world.stored_files() == []
    assert world.jobs.forgotten == [row.id]
    with reading(world.services.engine) as conn:
        assert find_upload(conn, row.upload_id or "") is None


def test_a_deletion_that_broke_off_is_finished_by_the_next(world: World) -> None:
    caller = caller_with(world, world.key)
    row = submit(world)
    world.complete(row.id, result_of("Good morning."))
    first = delete_transcript(world.services, caller, row.id)
    world.services.media.put(f"{work_prefix(row.id)}/part-0", [b"words"])
    assert delete_transcript(world.services, caller, row.id) == first
    assert world.stored_files() == []
    assert world.jobs.forgotten == [row.id, row.id]


def test_a_failed_transcript_can_be_deleted(world: World) -> None:
    row = submit(world)
    world.fail(row.id, "Audio duration is too short.")
    scrubbed = delete_transcript(world.services, caller_with(world, world.key), row.id)
    assert (scrubbed.status, scrubbed.error) == ("completed", None)


@pytest.mark.parametrize("is_begun", [False, True])
def test_what_is_under_way_cannot_be_deleted_and_goes_on(world: World, is_begun: bool) -> None:
    row = submit(world, audio_url=world.upload())
    if is_begun:
        world.begin(row.id)
    with pytest.raises(TranscriptNotFound):
        delete_transcript(world.services, caller_with(world, world.key), row.id)
    assert world.row(row.id).deleted_at is None
    assert world.jobs.forgotten == []
    assert len(world.stored_files()) == 1


def test_an_upload_that_another_transcript_waits_for_stays_until_that_is_deleted(
    world: World,
) -> None:
    caller = caller_with(world, world.key)
    upload_url = world.upload()
    first, second = submit(world, audio_url=upload_url), submit(world, audio_url=upload_url)
    world.complete(first.id, result_of("Good morning."))
    delete_transcript(world.services, caller, first.id)
    assert len(world.stored_files()) == 1
    world.complete(second.id, result_of("Good morning."))
    delete_transcript(world.services, caller, second.id)
    assert world.stored_files() == []


def test_what_is_submitted_while_the_project_is_deleted_is_not_stored(world: World) -> None:
    caller = caller_with(world, world.key)
    with world.services.engine.begin() as conn:
        mark_project_deleted(conn, caller.project_id, world.clock())
    with pytest.raises(KeyInvalid):
        submit_transcript(
            world.services, caller, {"audio_url": AUDIO_URL}, allows_private_hosts=False
        )
    wanted = TranscriptFilter(project_id=caller.project_id)
    with reading(world.services.engine) as conn:
        assert list_transcripts(conn, wanted) == []
    assert world.jobs.submitted == []
