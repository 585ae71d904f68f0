"""Deleting what nobody may or need keep any longer."""

import logging
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from earshot.pipeline.policy import RetentionPolicy
from earshot.storage.database import reading
from earshot.storage.media import MediaStore
from earshot.storage.transcripts import TranscriptRow, expired_transcripts, scrub_transcript
from earshot.storage.uploads import delete_upload, find_upload, stale_uploads
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
        if n_uploads or n_transcripts:
            counts = {"n_uploads": n_uploads, "n_transcripts": n_transcripts}
            logger.info("retention_swept", extra=counts)

    def delete(self, row: TranscriptRow) -> TranscriptRow:
        """Scrub the transcript, and delete its upload, its work files and its job's history.

        Raises TransitionImpossible while it is queued or processing.
        """
        with self._engine.begin() as connection:
            scrubbed = scrub_transcript(connection, row.id, self._clock())
            upload = None if row.upload_id is None else find_upload(connection, row.upload_id)
            if upload is not None:
                delete_upload(connection, upload.id)
        if upload is not None:
            self._media.delete(upload.media_key)
        self._media.delete_prefix(f"work/{row.id}")
        self._forget_job(row.id)
        return scrubbed

    def _delete_stale_uploads(self) -> int:
        before = self._clock() - timedelta(hours=self._policy.unused_upload_h)
        with self._engine.begin() as connection:
            stale = stale_uploads(connection, before)
            for upload in stale:
                delete_upload(connection, upload.id)
        for upload in stale:
            self._media.delete(upload.media_key)
        return len(stale)

    def _delete_expired_transcripts(self) -> int:
        if self._policy.transcript_ttl_h is None:
            return 0
        before = self._clock() - timedelta(hours=self._policy.transcript_ttl_h)
        with reading(self._engine) as connection:
            expired = expired_transcripts(connection, before)
        for row in expired:
            self.delete(row)
        return len(expired)
