"""Deleting transcripts and uploads: what the record and the media store lose together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from earshot.storage.lemur import forget_lemur_of_transcript
from earshot.storage.media import MediaStore
from earshot.storage.transcripts import TranscriptRow, is_upload_awaited, scrub_transcript
from earshot.storage.uploads import (
    delete_upload,
    hold_upload,
    outlived_uploads,
    stale_uploads,
)

UPLOADS = "uploads"
WORK = "work"
REDACTED = "redacted"


def upload_key(upload_id: str) -> str:
    """Where the media store holds an upload."""
    return f"{UPLOADS}/{upload_id}"


def work_prefix(transcript_id: str) -> str:
    """Where the media store holds what a transcript's job keeps between its steps."""
    return f"{WORK}/{transcript_id}"


def redacted_prefix(transcript_id: str) -> str:
    """Where the media store holds the redacted audio of a transcript."""
    return f"{REDACTED}/{transcript_id}"


def redacted_key(transcript_id: str, form: str) -> str:
    """The key of the redacted audio in that form, such as mp3."""
    return f"{redacted_prefix(transcript_id)}/audio.{form}"


def redacted_audio_path(transcript_id: str, form: str) -> str:
    """The path of its URL."""
    return f"/redacted-audio/{transcript_id}.{form}"


@dataclass(frozen=True, slots=True)
class Erasure:
    """The scrubbed record of a transcript, and the key of the upload that went with it, if any."""

    record: TranscriptRow
    upload_key: str | None


def erase_transcript(conn: sa.Connection, row: TranscriptRow, now: datetime) -> Erasure:
    """Scrub the record; its upload goes too, unless another transcript awaits it.

    So do the answers that were made of it.

    Raises TransitionImpossible while the transcript is queued or processing. After the transaction
    the caller is to call `delete_erased_media` and to forget the job's history: media are not
    deleted while other writers wait. The sweep does it for one that breaks off in between.
    """
    # Held before anybody is asked who awaits it: a submit that has it now is to be seen below.
    upload = None if row.upload_id is None else hold_upload(conn, row.upload_id)
    scrubbed = scrub_transcript(conn, row.id, now)
    forget_lemur_of_transcript(conn, row.id, now)
    if upload is None or is_upload_awaited(conn, upload.id):
        return Erasure(scrubbed, upload_key=None)
    delete_upload(conn, upload.id)
    return Erasure(scrubbed, upload.media_key)


def delete_erased_media(media: MediaStore, erasure: Erasure) -> None:
    """Delete what the media store holds of a transcript that was erased; again is no error."""
    if erasure.upload_key is not None:
        media.delete(erasure.upload_key)
    media.delete_prefix(work_prefix(erasure.record.id))
    media.delete_prefix(redacted_prefix(erasure.record.id))


def drop_stale_uploads(conn: sa.Connection, before: datetime) -> Sequence[str]:
    """Forget some uploads that nobody used in time; the keys of their media, to be deleted then."""
    stale = stale_uploads(conn, before)
    for upload in stale:
        delete_upload(conn, upload.id)
    return [upload.media_key for upload in stale]


def drop_outlived_uploads(conn: sa.Connection, before: datetime) -> Sequence[str]:
    """The same of uploads whose last transcript ended before that moment."""
    # Asked again now that they are held: one may have been submitted meanwhile.
    outlived = [
        upload
        for upload in outlived_uploads(conn, before)
        if not is_upload_awaited(conn, upload.id)
    ]
    for upload in outlived:
        delete_upload(conn, upload.id)
    return [upload.media_key for upload in outlived]
