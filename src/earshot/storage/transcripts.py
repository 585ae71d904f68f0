"""Statements on `transcripts`: the record a caller owns, and the only ways its status changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from earshot.errors import TransitionImpossible
from earshot.storage.options_json import dump_options, load_options
from earshot.storage.results import delete_result, save_result
from earshot.storage.schema import transcripts
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.result import TranscriptResult
from earshot.transcript.status import TranscriptStatus
from earshot.transcript.times import ms_to_whole_s

# What stands in place of the caller's URLs once a transcript is deleted; the compatible API
# shows this very text.
SCRUBBED_URL = "http://deleted_by_user"

_ENDED = (TranscriptStatus.COMPLETED, TranscriptStatus.ERROR)
_UNDER_WAY = (TranscriptStatus.QUEUED, TranscriptStatus.PROCESSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTranscript:
    """A transcript yet to be stored; it starts as queued.

    `request` is what the caller sent, as validated; only the API reads it. `upload_id` is set where
    `audio_url` is one of our own uploads. `allows_private_hosts` says that its audio URL and
    webhook may lie on loopback or private addresses, because of how the request came in.
    """

    id: str
    project_id: str
    audio_url: str
    request: dict[str, Any]
    options: TranscriptOptions
    created_at: datetime
    upload_id: str | None = None
    throttled: bool = False
    allows_private_hosts: bool = False
    webhook_url: str | None = None
    webhook_auth_header_name: str | None = None
    webhook_auth_header_value: str | None = None
    key_id: str | None = None
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptRow:
    """A stored transcript, without its words. One that is `held` has no job yet.

    `sequence` grows with every submission. `error_code` is the `code` of the error's class.
    `webhook_status_code` is the receiver's last answer.
    """

    id: str
    sequence: int
    project_id: str
    status: TranscriptStatus
    audio_url: str
    upload_id: str | None
    request: dict[str, Any]
    options: TranscriptOptions
    throttled: bool
    allows_private_hosts: bool
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    deleted_at: datetime | None
    error: str | None
    error_code: str | None
    audio_duration_s: int | None
    webhook_url: str | None
    webhook_auth_header_name: str | None
    webhook_auth_header_value: str | None
    webhook_status_code: int | None
    key_id: str | None = None
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptFilter:
    """Which transcripts of a project a list shows.

    `created_on` is a day in UTC; `before_sequence` and `after_sequence` are exclusive;
    `throttled_only` overrides `status`.
    """

    project_id: str
    limit: int = 10
    status: TranscriptStatus | None = None
    created_on: date | None = None
    before_sequence: int | None = None
    after_sequence: int | None = None
    throttled_only: bool = False
    created_after: datetime | None = None


def insert_transcript(conn: sa.Connection, new: NewTranscript) -> TranscriptRow:
    row = conn.execute(
        transcripts.insert()
        .values(
            id=new.id,
            project_id=new.project_id,
            status=TranscriptStatus.QUEUED.value,
            audio_url=new.audio_url,
            upload_id=new.upload_id,
            request=new.request,
            options=dump_options(new.options),
            throttled=new.throttled,
            allows_private_hosts=new.allows_private_hosts,
            created_at=new.created_at,
            webhook_url=new.webhook_url,
            webhook_auth_header_name=new.webhook_auth_header_name,
            webhook_auth_header_value=new.webhook_auth_header_value,
            key_id=new.key_id,
            held=new.held,
        )
        .returning(transcripts)
    ).one()
    return _read(row)


def find_transcript(
    conn: sa.Connection, transcript_id: str, project_id: str | None = None
) -> TranscriptRow | None:
    """The transcript of that id; with `project_id`, only if it belongs to that project."""
    query = sa.select(transcripts).where(transcripts.c.id == transcript_id)
    if project_id is not None:
        query = query.where(transcripts.c.project_id == project_id)
    row = conn.execute(query).one_or_none()
    return None if row is None else _read(row)


def list_transcripts(conn: sa.Connection, wanted: TranscriptFilter) -> Sequence[TranscriptRow]:
    """Newest first; with `after_sequence` alone, the `limit` that come just after it."""
    query = sa.select(transcripts).where(*_conditions(wanted)).limit(wanted.limit)
    is_forward = wanted.after_sequence is not None and wanted.before_sequence is None
    if wanted.after_sequence is not None:
        query = query.where(transcripts.c.sequence > wanted.after_sequence)
    if wanted.before_sequence is not None:
        query = query.where(transcripts.c.sequence < wanted.before_sequence)
    order = transcripts.c.sequence.asc() if is_forward else transcripts.c.sequence.desc()
    rows = [_read(row) for row in conn.execute(query.order_by(order))]
    return rows[::-1] if is_forward else rows


def has_older(conn: sa.Connection, wanted: TranscriptFilter, sequence: int) -> bool:
    """Whether the list goes on below that transcript, whatever page the filter asks for."""
    return _exists(conn, wanted, transcripts.c.sequence < sequence)


def has_newer(conn: sa.Connection, wanted: TranscriptFilter, sequence: int) -> bool:
    """Whether the list goes on above that transcript, whatever page the filter asks for."""
    return _exists(conn, wanted, transcripts.c.sequence > sequence)


def is_upload_awaited(conn: sa.Connection, upload_id: str) -> bool:
    """Whether a transcript of that upload is queued or processing: it may still be read."""
    query = sa.select(transcripts.c.id).where(
        transcripts.c.upload_id == upload_id, transcripts.c.status.in_(_UNDER_WAY)
    )
    return conn.execute(query.limit(1)).one_or_none() is not None


def list_under_way(conn: sa.Connection) -> Sequence[str]:
    """The ids of all transcripts that have a job, queued or processing, oldest first."""
    has_job = sa.and_(transcripts.c.status.in_(_UNDER_WAY), transcripts.c.held.is_(False))
    query = sa.select(transcripts.c.id).where(has_job)
    return conn.execute(query.order_by(transcripts.c.sequence)).scalars().all()


def expired_transcripts(
    conn: sa.Connection, before: datetime, limit: int = 100
) -> Sequence[TranscriptRow]:
    """Transcripts that ended, were made before that moment and are not deleted, oldest first."""
    rows = conn.execute(
        sa.select(transcripts)
        .where(
            transcripts.c.created_at < before,
            transcripts.c.deleted_at.is_(None),
            transcripts.c.status.in_(_ENDED),
        )
        .order_by(transcripts.c.sequence)
        .limit(limit)
    )
    return [_read(row) for row in rows]


def unerased_transcripts(
    conn: sa.Connection, project_id: str, limit: int = 100
) -> Sequence[TranscriptRow]:
    """Some transcripts of the project that are not deleted, whatever their status."""
    rows = conn.execute(
        sa.select(transcripts)
        .where(transcripts.c.project_id == project_id, transcripts.c.deleted_at.is_(None))
        .order_by(transcripts.c.sequence)
        .limit(limit)
    )
    return [_read(row) for row in rows]


def begin_transcript(conn: sa.Connection, transcript_id: str, now: datetime) -> TranscriptRow:
    """Queued -> processing; one that is processing stays so: its job was handed over."""
    begun = _change(
        conn,
        transcript_id,
        (TranscriptStatus.QUEUED,),
        {"status": TranscriptStatus.PROCESSING.value, "started_at": now, "throttled": False},
    )
    if begun is not None:
        return begun
    met = find_transcript(conn, transcript_id)
    if met is not None and met.status is TranscriptStatus.PROCESSING:
        return met
    raise _impossible("queued or processing", met)


def complete_transcript(
    conn: sa.Connection, transcript_id: str, result: TranscriptResult, now: datetime
) -> TranscriptRow:
    """Processing -> completed, and its result is stored.

    What redaction was told to hide is forgotten: `empty_log` is to be called after the transaction.
    """
    values = {
        "status": TranscriptStatus.COMPLETED.value,
        "completed_at": now,
        "audio_duration_s": ms_to_whole_s(result.duration_ms),
    }
    completed = _change(conn, transcript_id, (TranscriptStatus.PROCESSING,), values)
    if completed is None:
        raise _impossible("processing", find_transcript(conn, transcript_id))
    save_result(conn, transcript_id, result)
    return _forget_wording(conn, completed)


def fail_transcript(
    conn: sa.Connection, transcript_id: str, error_text: str, now: datetime, *, code: str
) -> TranscriptRow:
    """Queued or processing -> error; the text is for people, the `code` of the error for us.

    What redaction was told to hide is forgotten: `empty_log` is to be called after the transaction.
    """
    values = {
        "status": TranscriptStatus.ERROR.value,
        "completed_at": now,
        "error": error_text,
        "error_code": code,
        "throttled": False,
    }
    failed = _change(conn, transcript_id, _UNDER_WAY, values)
    if failed is None:
        raise _impossible("queued or processing", find_transcript(conn, transcript_id))
    return _forget_wording(conn, failed)


def scrub_transcript(conn: sa.Connection, transcript_id: str, now: datetime) -> TranscriptRow:
    """Completed or error -> deleted: nothing of the caller's stays; doing it again changes nothing.

    The upload and other media are the caller's to delete; read `upload_id` before.
    """
    values: dict[str, Any] = {
        "status": TranscriptStatus.COMPLETED.value,
        "deleted_at": sa.func.coalesce(transcripts.c.deleted_at, sa.literal(now, _MOMENT)),
        "audio_url": SCRUBBED_URL,
        "webhook_url": SCRUBBED_URL,
        "upload_id": None,
        "request": {},
        "options": {},
        "error": None,
        "error_code": None,
        "webhook_auth_header_name": None,
        "webhook_auth_header_value": None,
        "webhook_status_code": None,
    }
    scrubbed = _change(conn, transcript_id, _ENDED, values)
    if scrubbed is None:
        raise _impossible("completed or error", find_transcript(conn, transcript_id))
    delete_result(conn, transcript_id)
    return scrubbed


def record_webhook_status(conn: sa.Connection, transcript_id: str, code: int | None) -> None:
    """Remember the receiver's last answer; None where it never answered."""
    conn.execute(
        transcripts.update()
        .where(transcripts.c.id == transcript_id, transcripts.c.deleted_at.is_(None))
        .values(webhook_status_code=code)
    )


_MOMENT = transcripts.c.created_at.type


def _forget_wording(conn: sa.Connection, ended: TranscriptRow) -> TranscriptRow:
    """The row without words that may be secrets: they are kept for no longer than the work."""
    options = ended.options.without_wording()
    if options == ended.options:
        return ended
    conn.execute(
        transcripts.update()
        .where(transcripts.c.id == ended.id)
        .values(options=dump_options(options))
    )
    return replace(ended, options=options)


def _change(
    conn: sa.Connection,
    transcript_id: str,
    expected: Sequence[TranscriptStatus],
    values: dict[str, Any],
) -> TranscriptRow | None:
    """The row as it is after the change; None, and no change, unless it was as expected."""
    row = conn.execute(
        transcripts.update()
        .where(transcripts.c.id == transcript_id, transcripts.c.status.in_(expected))
        .values(values)
        .returning(transcripts)
    ).one_or_none()
    return None if row is None else _read(row)


def _impossible(expected: str, met: TranscriptRow | None) -> TransitionImpossible:
    return TransitionImpossible(expected=expected, met="missing" if met is None else met.status)


def _conditions(wanted: TranscriptFilter) -> list[sa.ColumnElement[bool]]:
    conditions = [transcripts.c.project_id == wanted.project_id]
    if wanted.throttled_only:
        conditions.append(transcripts.c.throttled.is_(True))
    elif wanted.status is not None:
        conditions.append(transcripts.c.status == wanted.status.value)
    if wanted.created_on is not None:
        midnight = datetime.combine(wanted.created_on, time.min, UTC)
        conditions.append(transcripts.c.created_at >= midnight)
        if wanted.created_on < date.max:  # no moment that can be told comes after that day
            conditions.append(transcripts.c.created_at < midnight + timedelta(days=1))
    if wanted.created_after is not None:
        conditions.append(transcripts.c.created_at > wanted.created_after)
    return conditions


def _exists(
    conn: sa.Connection, wanted: TranscriptFilter, condition: sa.ColumnElement[bool]
) -> bool:
    query = sa.select(transcripts.c.sequence).where(*_conditions(wanted), condition).limit(1)
    return conn.execute(query).one_or_none() is not None


def _read(row: sa.Row[Any]) -> TranscriptRow:
    values = dict(row._mapping)
    values["status"] = TranscriptStatus(row.status)
    values["options"] = load_options(row.options)
    return TranscriptRow(**values)
