"""Deleting a transcript: what the record, the uploads and the media store lose together."""

from datetime import datetime

import sqlalchemy as sa

from earshot.storage.media import MediaStore
from earshot.storage.transcripts import TranscriptRow, is_upload_awaited, scrub_transcript
from earshot.storage.uploads import delete_upload, find_upload

WORK = "work"


def work_prefix(transcript_id: str) -> str:
    """Where the media store holds what a transcript's job keeps between its steps."""
    return f"{WORK}/{transcript_id}"


def erase_transcript(
    conn: sa.Connection, media: MediaStore, row: TranscriptRow, now: datetime
) -> TranscriptRow:
    """The scrubbed record; its upload is gone too, unless another transcript awaits it.

    Raises TransitionImpossible while the transcript is queued or processing. Its job's history is
    for the caller to forget, after the transaction. Doing it again finishes one that broke off.
    """
    scrubbed = scrub_transcript(conn, row.id, now)
    if row.upload_id is not None and not is_upload_awaited(conn, row.upload_id):
        upload = find_upload(conn, row.upload_id)
        if upload is not None:
            delete_upload(conn, upload.id)
            # Inside the transaction: where this fails, nothing is deleted and one can try again.
            media.delete(upload.media_key)
    media.delete_prefix(work_prefix(row.id))
    return scrubbed
