import logging
import os
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from earshot.accounts.keys import create_key
from earshot.accounts.projects import ensure_project
from earshot.accounts.tokens import Scope, TokenTerms, check_token, create_token
from earshot.errors import KeyInvalid
from earshot.pipeline.policy import RetentionPolicy
from earshot.pipeline.retention import Retention
from earshot.storage.erasure import redacted_key
from earshot.storage.lemur import (
    NewLemurRequest,
    find_lemur_answer,
    insert_lemur_request,
    save_lemur_answer,
)
from earshot.storage.live_sessions import (
    LiveSessionRow,
    find_live_session,
    insert_live_session,
)
from earshot.storage.media import open_media_store
from earshot.storage.projects import mark_project_deleted
from earshot.storage.results import find_result
from earshot.storage.schema import submissions
from earshot.storage.submissions import SubmissionRow, claim_submission
from tests.pipeline.conftest import World


class Ledger:
    """A queue that remembers what it was asked for."""

    def __init__(self) -> None:
        self.cancelled: list[str] = []
        self.forgotten: list[str] = []

    def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)

    def forget(self, job_id: str) -> None:
        self.forgotten.append(job_id)


def sweep(world: World, **policy: float) -> list[str]:
    """Sweep once; the ids of jobs whose history was forgotten."""
    jobs = Ledger()
    Retention(world.engine, world.media, RetentionPolicy(**policy), world.clock, jobs).sweep()
    return jobs.forgotten


class TestRedactedAudio:
    def test_it_is_deleted_its_time_after_the_transcript_ended(self, world: World) -> None:
        transcript_id = world.completed()
        world.media.put(redacted_key(transcript_id, "mp3"), [b"beep"])
        world.clock.turn(hours=23.9)
        sweep(world)
        assert world.media.children("redacted") == [transcript_id]
        world.clock.turn(hours=0.2)
        sweep(world)
        assert world.media.children("redacted") == []
        assert world.result(transcript_id).words

    def test_what_is_being_made_is_kept_and_what_was_made_for_nobody_is_not(
        self, world: World
    ) -> None:
        waiting, cancelled = world.submit(), world.submit()
        world.cancel(cancelled)
        for name in (waiting, cancelled, "nobody"):
            world.media.put(redacted_key(name, "mp3"), [b"beep"])
        world.clock.turn(hours=1000)
        sweep(world)
        assert world.media.children("redacted") == [waiting]


class TestUploads:
    def test_an_upload_that_nobody_used_is_deleted_after_its_time(self, world: World) -> None:
        upload = world.upload()
        world.clock.turn(hours=23.9)
        sweep(world)
        assert world.has_upload(upload)
        world.clock.turn(hours=0.2)
        sweep(world)
        assert not world.has_upload(upload)

    def test_an_upload_that_a_transcript_uses_is_kept(self, world: World) -> None:
        upload = world.upload()
        world.submit(upload=upload)
        world.clock.turn(hours=1000)
        sweep(world)
        assert world.has_upload(upload)

    def test_an_upload_that_was_used_goes_a_given_time_after_its_last_transcript(
        self, world: World
    ) -> None:
        upload = world.upload()
        first = world.completed(upload=upload)
        world.clock.turn(hours=100)
        world.run(world.submit(upload=upload))
        world.clock.turn(hours=23.9)
        sweep(world, used_upload_h=24)
        assert world.has_upload(upload)
        world.clock.turn(hours=0.2)
        sweep(world, used_upload_h=24)
        assert not world.has_upload(upload)
        assert world.row(first).upload_id is None
        assert world.result(first).words

    def test_an_upload_that_is_awaited_is_not_deleted_however_old_it_is(self, world: World) -> None:
        upload = world.upload()
        world.completed(upload=upload)
        waiting = world.submit(upload=upload)
        world.clock.turn(hours=1000)
        sweep(world, used_upload_h=24)
        world.run(waiting)

    def test_the_next_sweep_deletes_the_media_that_one_left_when_it_broke_off(
        self, world: World, tmp_path: Path
    ) -> None:
        world.media = open_media_store(str(tmp_path))
        upload = world.upload()
        world.clock.turn(hours=25)
        folder = tmp_path / "uploads"
        folder.rename(tmp_path / "elsewhere")
        folder.touch()  # what cannot be looked into cannot be deleted
        with pytest.raises(Exception, match="uploads"):
            sweep(world)
        folder.unlink()
        (tmp_path / "elsewhere").rename(folder)
        kept = world.upload()
        written = (world.clock() - timedelta(hours=2)).timestamp()
        for row in (upload, kept):
            os.utime(tmp_path / row.media_key, (written, written))
        sweep(world)
        assert not world.has_upload(upload)
        assert world.has_upload(kept)

    def test_media_that_no_upload_knows_are_deleted_after_an_hour(
        self, world: World, tmp_path: Path
    ) -> None:
        world.media = open_media_store(str(tmp_path))
        world.media.put("uploads/whole", [b"x"])
        (tmp_path / "uploads" / "half#1").write_bytes(b"x")
        arriving = tmp_path / "uploads" / "arriving#1"
        arriving.write_bytes(b"x")
        for path in (tmp_path / "uploads").iterdir():
            age_h = 0.9 if path == arriving else 1.1
            written = (world.clock() - timedelta(hours=age_h)).timestamp()
            os.utime(path, (written, written))
        sweep(world)
        assert list((tmp_path / "uploads").iterdir()) == [arriving]

    def test_more_uploads_than_one_batch_are_all_deleted_at_once(self, world: World) -> None:
        uploads = [world.upload() for _ in range(101)]
        world.clock.turn(hours=25)
        sweep(world)
        assert not any(world.has_upload(upload) for upload in uploads)


class TestTranscripts:
    def test_transcripts_are_kept_unless_somebody_says_otherwise(self, world: World) -> None:
        transcript_id = world.completed()
        world.clock.turn(hours=100_000)
        assert sweep(world) == []
        assert world.row(transcript_id).deleted_at is None

    def test_an_expired_transcript_loses_its_words_upload_and_history(self, world: World) -> None:
        upload = world.upload()
        transcript_id = world.completed(upload=upload)
        world.clock.turn(hours=11.9)
        assert sweep(world, transcript_ttl_h=12) == []
        world.clock.turn(hours=0.2)
        assert sweep(world, transcript_ttl_h=12) == [transcript_id]
        row = world.row(transcript_id)
        assert row.deleted_at == world.clock()
        assert row.upload_id is None
        assert not world.has_upload(upload)
        with world.engine.connect() as conn:
            assert find_result(conn, transcript_id) is None

    def test_a_transcript_is_deleted_once(self, world: World) -> None:
        world.completed()
        world.clock.turn(hours=2)
        assert len(sweep(world, transcript_ttl_h=1)) == 1
        assert sweep(world, transcript_ttl_h=1) == []

    def test_what_is_queued_or_processing_never_expires(self, world: World) -> None:
        queued, processing = world.submit(), world.submit()
        world.transcription().prepare(processing)
        world.clock.turn(hours=1000)
        assert sweep(world, transcript_ttl_h=1) == []
        world.run(queued)
        world.run(processing)

    def test_an_upload_that_another_transcript_awaits_outlives_an_expired_one(
        self, world: World
    ) -> None:
        upload = world.upload()
        expired = world.completed(upload=upload)
        world.clock.turn(hours=2)
        waiting = world.submit(upload=upload)
        assert sweep(world, transcript_ttl_h=1) == [expired]
        assert world.has_upload(upload)
        world.run(waiting)

    def test_more_transcripts_than_one_batch_are_all_deleted_at_once(self, world: World) -> None:
        for _ in range(101):
            world.cancel(world.submit(audio_url="http://elsewhere/x.mp3"))
        world.clock.turn(hours=2)
        assert len(sweep(world, transcript_ttl_h=1)) == 101


class TestWorkFiles:
    def test_work_files_of_what_has_ended_or_never_was_are_deleted(self, world: World) -> None:
        ended, under_way = world.completed(), world.submit()
        world.transcription().prepare(under_way)
        world.media.put(f"work/{ended}/words-0", [b"[]"])
        world.media.put("work/never-was/words-0", [b"[]"])
        sweep(world)
        assert world.work() == [under_way]
        world.run(under_way)


def test_a_sweep_says_in_the_log_how_much_it_deleted_and_an_idle_one_says_nothing(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="earshot.pipeline.retention")
    sweep(world)
    assert caplog.records == []
    world.upload()
    world.clock.turn(hours=25)
    sweep(world)
    (record,) = caplog.records
    assert record.getMessage() == "retention_swept"
    assert vars(record)["n_uploads"] == 1


def test_what_was_left_of_a_deleted_project_goes(world: World) -> None:
    waiting, upload = world.submit(), world.upload()
    with world.engine.begin() as conn:
        mark_project_deleted(conn, world.project_id, world.clock())
    assert sweep(world) == [waiting]
    assert not world.has_upload(upload)
    assert sweep(world) == []


def test_a_deleted_project_of_which_nothing_is_left_costs_no_write(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with world.engine.begin() as conn:
        mark_project_deleted(conn, world.project_id, world.clock())
    caplog.set_level(logging.INFO, logger="earshot.pipeline.retention")
    sweep(world)
    assert caplog.records == []


def test_submits_are_remembered_for_a_day(world: World) -> None:
    row = SubmissionRow(world.project_id, "key", "body", "t", False, world.clock())
    with world.engine.begin() as conn:
        claim_submission(conn, row, world.clock())
    for hours, n_kept in ((23.9, 1), (0.2, 0)):
        world.clock.turn(hours=hours)
        sweep(world)
        with world.engine.begin() as conn:
            assert len(conn.execute(sa.select(submissions)).all()) == n_kept


def test_what_was_said_in_a_session_that_nobody_took_goes_after_an_hour(world: World) -> None:
    with world.engine.begin() as conn:
        key = create_key(conn, "phone", "law", world.clock()).row
        row = LiveSessionRow(
            id="s",
            project_id=key.project_id,
            key_id=key.id,
            started_at=world.clock(),
            ended_at=world.clock(),
            audio_ms=1000,
            close_code=1000,
            webhook_body="{}",
        )
        insert_live_session(conn, row)
        token = create_token(conn, key.id, TokenTerms(60), world.clock())
    for hours, is_kept in ((0.5, True), (1, False)):
        world.clock.turn(hours=hours)
        sweep(world)
        with world.engine.begin() as conn:
            found = find_live_session(conn, "s")
        assert found is not None
        assert (found.webhook_body is not None) == is_kept
    world.clock.turn(hours=25)
    sweep(world)
    with world.engine.begin() as conn, pytest.raises(KeyInvalid):
        check_token(conn, token, Scope.LIVE, world.clock())


class TestAnswers:
    def test_they_are_kept_as_long_as_transcripts(self, world: World) -> None:
        with world.engine.begin() as conn:
            project_id = ensure_project(conn, "law", world.clock()).id
            for request_id in ("answered", "empty"):
                new = NewLemurRequest(request_id, project_id, "k", world.clock())
                insert_lemur_request(conn, new)
            save_lemur_answer(conn, "answered", {"response": "Smoke."})
        world.clock.turn(hours=2)
        sweep(world)
        with world.engine.begin() as conn:
            assert find_lemur_answer(conn, "answered", project_id) is not None
            assert not save_lemur_answer(conn, "empty", {})  # it is not there any more
        sweep(world, transcript_ttl_h=1)
        with world.engine.begin() as conn:
            assert find_lemur_answer(conn, "answered", project_id) is None
