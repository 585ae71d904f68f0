"""Deleting a project: its keys die at once, and nothing of what it had stays but its usage.

What breaks off is finished by the hourly sweep, which looks at all deleted projects.
"""

from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from earshot.errors import JobCancelled, ProjectNotFound, TransitionImpossible
from earshot.storage.access_tokens import delete_project_tokens
from earshot.storage.api_keys import revoke_project_keys
from earshot.storage.database import empty_log, reading
from earshot.storage.erasure import delete_erased_media, erase_transcript
from earshot.storage.known_voices import delete_project_voices
from earshot.storage.lemur import forget_lemur_of_project
from earshot.storage.live_sessions import scrub_project_sessions
from earshot.storage.media import MediaStore
from earshot.storage.projects import mark_project_deleted
from earshot.storage.submissions import delete_project_submissions
from earshot.storage.transcripts import TranscriptRow, fail_transcript, unerased_transcripts
from earshot.storage.uploads import delete_upload, hold_project_uploads
from earshot.transcript.clock import Clock


class EndingJobs(Protocol):
    """The durable work behind transcripts, as far as it must end with them."""

    def cancel(self, job_id: str) -> None:
        """Stop the job if it is still under way."""

    def forget(self, job_id: str) -> None:
        """Delete every record of the job."""


@dataclass(frozen=True, slots=True)
class ProjectRemoval:
    """Deletes projects, and what was theirs."""

    engine: sa.Engine
    media: MediaStore
    jobs: EndingJobs
    clock: Clock

    def remove(self, project_id: str) -> None:
        """Delete the project; ProjectNotFound where there is none. Blocks until all is gone.

        What is stored for it at this moment is waited for, and found; what comes later meets
        `hold_owner`, and is not stored.
        """
        with self.engine.begin() as conn:
            if not mark_project_deleted(conn, project_id, self.clock()):
                raise ProjectNotFound(project_id)
            self._clear_rows(conn, project_id)
        self.clear(project_id)
        empty_log(self.engine)

    def clear(self, project_id: str) -> int:
        """Delete what there is of a deleted project; how much that was. Again is no error.

        `empty_log` is to be called after it.
        """
        with self.engine.begin() as conn:
            self._clear_rows(conn, project_id)
        return self._clear_transcripts(project_id) + self._clear_uploads(project_id)

    def _clear_rows(self, conn: sa.Connection, project_id: str) -> None:
        """Delete all that is nowhere but in the database, and has no job."""
        revoke_project_keys(conn, project_id, self.clock())
        delete_project_tokens(conn, project_id)
        delete_project_voices(conn, project_id)
        delete_project_submissions(conn, project_id)
        scrub_project_sessions(conn, project_id)
        forget_lemur_of_project(conn, project_id, self.clock())

    def _clear_transcripts(self, project_id: str) -> int:
        n_deleted = 0
        while rows := self._unerased(project_id):
            for row in rows:
                self._erase(row)
            n_deleted += len(rows)
        return n_deleted

    def _unerased(self, project_id: str) -> list[TranscriptRow]:
        with reading(self.engine) as conn:
            return list(unerased_transcripts(conn, project_id))

    def _erase(self, row: TranscriptRow) -> None:
        with self.engine.begin() as conn:
            if row.completed_at is None:
                _end(conn, row, self.clock)
            erasure = erase_transcript(conn, row, self.clock())
        self.jobs.cancel(row.id)
        delete_erased_media(self.media, erasure)
        self.jobs.forget(row.id)

    def _clear_uploads(self, project_id: str) -> int:
        n_deleted = 0
        while True:
            with self.engine.begin() as conn:
                dropped = hold_project_uploads(conn, project_id)
                for upload in dropped:
                    delete_upload(conn, upload.id)
            for upload in dropped:
                self.media.delete(upload.media_key)
            n_deleted += len(dropped)
            if not dropped:
                return n_deleted


def _end(conn: sa.Connection, row: TranscriptRow, clock: Clock) -> None:
    """End the transcript as cancelled, unless it has just ended by itself."""
    try:
        with conn.begin_nested():
            fail_transcript(conn, row.id, str(JobCancelled()), clock(), code=JobCancelled.code)
    except TransitionImpossible:
        return
