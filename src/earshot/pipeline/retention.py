"""Deleting what nobody may or need keep any longer."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from earshot.accounts.removal import EndingJobs, ProjectRemoval
from earshot.accounts.repeats import forget_repeats
from earshot.accounts.tokens import forget_expired_tokens
from earshot.pipeline.policy import RetentionPolicy
from earshot.storage.database import empty_log, reading
from earshot.storage.erasure import (
    REDACTED,
    UPLOADS,
    WORK,
    delete_erased_media,
    drop_outlived_uploads,
    drop_stale_uploads,
    erase_transcript,
    redacted_prefix,
    work_prefix,
)
from earshot.storage.lemur import delete_lemur_requests
from earshot.storage.live_sessions import scrub_live_sessions
from earshot.storage.media import MediaStore
from earshot.storage.projects import list_uncleared_projects
from earshot.storage.transcripts import TranscriptRow, expired_transcripts, find_transcript
from earshot.storage.uploads import known_media_keys
from earshot.transcript.clock import Clock
from earshot.transcript.status import TranscriptStatus

logger = logging.getLogger(__name__)

# Longer than the moment between an upload's last byte and its row, or between two of its parts.
UNKNOWN_UPLOAD_AGE = timedelta(hours=1)

# Longer than an answer takes, and than requests are counted.
EMPTY_ANSWER_AGE = timedelta(hours=1)

# Longer than all attempts at a webhook take.
UNTOLD_SESSION_AGE = timedelta(hours=1)


class Retention:
    """Deletes what is past its time, the jobs' history with it."""

    def __init__(
        self,
        engine: sa.Engine,
        media: MediaStore,
        policy: RetentionPolicy,
        clock: Clock,
        jobs: EndingJobs,
    ) -> None:
        self._engine = engine
        self._media = media
        self._policy = policy
        self._clock = clock
        self._jobs = jobs

    def sweep(self) -> None:
        """Delete everything that is due now."""
        self._clear_deleted_projects()
        n_uploads = self._delete_uploads()
        n_transcripts = self._delete_expired_transcripts()
        n_redacted = self._delete_redacted_audio()
        n_orphans = self._delete_orphaned_work() + self._delete_unknown_uploads()
        self._forget_live()
        self._forget_answers()
        empty_log(self._engine)  # also of what others deleted while the log was in use
        if n_uploads or n_transcripts or n_redacted or n_orphans:
            counts = {
                "n_uploads": n_uploads,
                "n_transcripts": n_transcripts,
                "n_redacted": n_redacted,
                "n_orphans": n_orphans,
            }
            logger.info("retention_swept", extra=counts)

    def _forget_live(self) -> None:
        """Forget tokens that open nothing, and turns that no receiver wanted to be told of."""
        now = self._clock()
        with self._engine.begin() as connection:
            forget_expired_tokens(connection, now)
            forget_repeats(connection, now)
            scrub_live_sessions(connection, now - UNTOLD_SESSION_AGE)

    def _forget_answers(self) -> None:
        """Forget what LeMUR answered, as long after it as transcripts are kept."""
        now, ttl_h = self._clock(), self._policy.transcript_ttl_h
        with self._engine.begin() as connection:
            delete_lemur_requests(
                connection,
                emptied_before=now - EMPTY_ANSWER_AGE,
                answered_before=None if ttl_h is None else now - timedelta(hours=ttl_h),
            )

    def _clear_deleted_projects(self) -> None:
        """Finish what broke off."""
        removal = ProjectRemoval(self._engine, self._media, self._jobs, self._clock)
        with reading(self._engine) as connection:
            uncleared = list_uncleared_projects(connection)
        for project_id in uncleared:
            fields = {"project_id": project_id, "n_deleted": removal.clear(project_id)}
            logger.info("deleted_project_cleared", extra=fields)

    def _delete_uploads(self) -> int:
        unused_before = self._clock() - timedelta(hours=self._policy.unused_upload_h)
        n_deleted = self._delete_dropped(lambda conn: drop_stale_uploads(conn, unused_before))
        if self._policy.used_upload_h is not None:
            used_before = self._clock() - timedelta(hours=self._policy.used_upload_h)
            n_deleted += self._delete_dropped(lambda conn: drop_outlived_uploads(conn, used_before))
        return n_deleted

    def _delete_dropped(self, drop: Callable[[sa.Connection], Sequence[str]]) -> int:
        """Delete the media of what `drop` forgets, batch by batch, until there is no more.

        The row goes first: what has lost it can no longer be submitted, and is deleted by the next
        sweep where this one breaks off.
        """
        n_deleted = 0
        while True:
            with self._engine.begin() as connection:
                dropped = drop(connection)
            for key in dropped:
                self._media.delete(key)
            n_deleted += len(dropped)
            if not dropped:
                return n_deleted

    def _delete_unknown_uploads(self) -> int:
        """Delete media that no upload knows, half-written ones too: something broke off."""
        found = sorted(self._media.keys_older_than(UPLOADS, self._clock() - UNKNOWN_UPLOAD_AGE))
        with reading(self._engine) as connection:
            unknown = set(found) - known_media_keys(connection, found)
        for key in unknown:
            self._media.delete(key)
        return len(unknown)

    def _delete_expired_transcripts(self) -> int:
        if self._policy.transcript_ttl_h is None:
            return 0
        before = self._clock() - timedelta(hours=self._policy.transcript_ttl_h)
        n_deleted = 0
        while expired := self._find_expired(before):
            for row in expired:
                with self._engine.begin() as connection:
                    erasure = erase_transcript(connection, row, self._clock())
                delete_erased_media(self._media, erasure)
                self._jobs.forget(row.id)
            n_deleted += len(expired)
        return n_deleted

    def _delete_orphaned_work(self) -> int:
        """Delete the work files of transcripts that have ended: a killed worker left them."""
        n_deleted = 0
        for transcript_id in self._media.children(WORK):
            with reading(self._engine) as connection:
                row = find_transcript(connection, transcript_id)
            if row is None or row.completed_at is not None:
                self._media.delete_prefix(work_prefix(transcript_id))
                n_deleted += 1
        return n_deleted

    def _delete_redacted_audio(self) -> int:
        """Delete redacted audio whose time is over, and what was made for nobody."""
        before = self._clock() - timedelta(hours=self._policy.redacted_audio_h)
        n_deleted = 0
        for transcript_id in self._media.children(REDACTED):
            with reading(self._engine) as connection:
                row = find_transcript(connection, transcript_id)
            if not _awaits_redacted_audio(row, before):
                self._media.delete_prefix(redacted_prefix(transcript_id))
                n_deleted += 1
        return n_deleted

    def _find_expired(self, before: datetime) -> Sequence[TranscriptRow]:
        with reading(self._engine) as connection:
            return expired_transcripts(connection, before)


def _awaits_redacted_audio(row: TranscriptRow | None, before: datetime) -> bool:
    """Whether somebody may ask for it, or it is being made; not if it was made before that."""
    if row is None or row.deleted_at is not None or row.status is TranscriptStatus.ERROR:
        return False
    return row.completed_at is None or row.completed_at >= before
