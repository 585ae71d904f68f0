"""Deleting what nobody may or need keep any longer."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from earshot.pipeline.policy import RetentionPolicy
from earshot.storage.database import empty_log, reading
from earshot.storage.erasure import WORK, erase_transcript, work_prefix
from earshot.storage.media import MediaStore
from earshot.storage.transcripts import TranscriptRow, expired_transcripts, find_transcript
from earshot.storage.uploads import UploadRow, delete_upload, stale_uploads
from earshot.transcript.clock import Clock

logger = logging.getLogger(__name__)


class Retention:
    """Deletes what is past its time; `forget_job` removes a job's history."""

    def __init__(
        self,
        engine: sa.Engine,
        media: MediaStore,
        policy: RetentionPolicy,
        clock: Clock,
        forget_job: Callable[[str], None],
    ) -> None:
        self._engine = engine
        self._media = media
        self._policy = policy
        self._clock = clock
        self._forget_job = forget_job

    def sweep(self) -> None:
        """Delete everything that is due now."""
        n_uploads = self._delete_stale_uploads()
        n_transcripts = self._delete_expired_transcripts()
        n_orphans = self._delete_orphaned_work()
        empty_log(self._engine)  # also of what others deleted while the log was in use
        if n_uploads or n_transcripts or n_orphans:
            counts = {
                "n_uploads": n_uploads,
                "n_transcripts": n_transcripts,
                "n_orphans": n_orphans,
            }
            logger.info("retention_swept", extra=counts)

    def _delete_stale_uploads(self) -> int:
        before = self._clock() - timedelta(hours=self._policy.unused_upload_h)
        n_deleted = self._media.delete_abandoned(before)
        while stale := self._take_stale_uploads(before):
            for upload in stale:
                self._media.delete(upload.media_key)
            n_deleted += len(stale)
        return n_deleted

    def _take_stale_uploads(self, before: datetime) -> Sequence[UploadRow]:
        with self._engine.begin() as connection:
            stale = stale_uploads(connection, before)
            for upload in stale:
                delete_upload(connection, upload.id)
            return stale

    def _delete_expired_transcripts(self) -> int:
        if self._policy.transcript_ttl_h is None:
            return 0
        before = self._clock() - timedelta(hours=self._policy.transcript_ttl_h)
        n_deleted = 0
        while expired := self._find_expired(before):
            for row in expired:
                with self._engine.begin() as connection:
                    erase_transcript(connection, self._media, row, self._clock())
                self._forget_job(row.id)
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

    def _find_expired(self, before: datetime) -> Sequence[TranscriptRow]:
        with reading(self._engine) as connection:
            return expired_transcripts(connection, before)
