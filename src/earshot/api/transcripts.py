"""What a caller does to transcripts, each in one transaction with the job behind it."""

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from earshot.accounts.keys import Principal
from earshot.accounts.projects import hold_owner
from earshot.accounts.repeats import Answered, Repeatable, claim_repeatable, find_repeated
from earshot.accounts.waiting import must_wait
from earshot.api.schemas.acceptance import AcceptedRequest, accept_request
from earshot.api.schemas.availability import Abilities
from earshot.api.schemas.transcript import stored_request
from earshot.api.services import ApiServices
from earshot.api.urls import upload_id_in
from earshot.errors import (
    JobAlreadyEnded,
    JobCancelled,
    TranscriptNotFound,
    TransitionImpossible,
    UploadOfAnotherProject,
)
from earshot.storage.database import empty_log, reading
from earshot.storage.erasure import (
    delete_erased_media,
    erase_transcript,
    redacted_prefix,
    work_prefix,
)
from earshot.storage.projects import claim_throttle_notice
from earshot.storage.transcripts import (
    NewTranscript,
    TranscriptRow,
    fail_transcript,
    find_transcript,
    insert_transcript,
)
from earshot.storage.uploads import hold_upload, mark_upload_used
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.status import TranscriptStatus

logger = logging.getLogger(__name__)

_ID = re.compile(r"[0-9A-Za-z-]+")
_ENDED = (TranscriptStatus.COMPLETED, TranscriptStatus.ERROR)


def submit_transcript(
    services: ApiServices,
    caller: Principal,
    body: Mapping[str, Any],
    *,
    allows_private_hosts: bool,
    base_url: str = "",
    idempotency_key: str | None = None,
) -> TranscriptRow:
    """The transcript, stored and queued together; nothing of either where anything fails.

    `base_url` is where the caller reaches this server. Where the project submitted the same with
    the same `idempotency_key` before, it is that transcript, as it was then.
    """
    repeatable = Repeatable.read(idempotency_key, body)
    answered = None if repeatable is None else _answered_before(services, caller, repeatable)
    if answered is not None:
        return answered
    options = services.options
    accepted = accept_request(
        body,
        languages=options.languages,
        compat=options.compat,
        abilities=Abilities(
            tells_speakers=options.tells_speakers,
            has_language_model=services.has_language_model(caller.project_name),
            translates_speech=options.translates_speech,
            finds_names=options.finds_names,
        ),
        buckets=options.buckets,
        project_name=caller.project_name,
    )
    # Asked outside of the transaction: the queue answers on a connection of its own.
    is_over_limit = services.jobs.load(caller.project_id) >= services.options.max_concurrent_jobs
    with services.engine.begin() as conn:
        hold_owner(conn, caller.project_id)
        is_held = must_wait(conn, caller.project_id, caller.limits)
        answer = Answered(services.new_id(), throttled=is_over_limit or is_held)
        if repeatable is not None:
            first = claim_repeatable(conn, caller.project_id, repeatable, answer, services.clock())
            if first.transcript_id != answer.transcript_id:
                return _as_answered(conn, caller, first)
        upload_id = _claim_upload(conn, services, caller, accepted.wire.audio_url)
        new = _new_transcript(services, caller, accepted, answer.transcript_id, upload_id)
        row = insert_transcript(
            conn,
            replace(
                new,
                options=_with_base_url(new.options, base_url),
                throttled=answer.throttled,
                held=is_held,
                allows_private_hosts=allows_private_hosts,
            ),
        )
        if not is_held:  # a worker submits it when there is room
            services.jobs.submit(conn, row.id, account_id=caller.project_id)
        is_news = answer.throttled and _claim_notice(conn, services, caller)
    if is_news:
        logger.warning("project_throttled", extra={"project_id": caller.project_id})
    return row


def _claim_notice(conn: sa.Connection, services: ApiServices, caller: Principal) -> bool:
    """Whether it is to be told that the project is throttled: "mail <= 1/day" elsewhere."""
    now = services.clock()
    return claim_throttle_notice(conn, caller.project_id, now, now - timedelta(days=1))


def _answered_before(
    services: ApiServices, caller: Principal, repeatable: Repeatable
) -> TranscriptRow | None:
    """What the same submit was answered, though this server may not take it any more."""
    with reading(services.engine) as conn:
        first = find_repeated(conn, caller.project_id, repeatable, services.clock())
        return None if first is None else _as_answered(conn, caller, first)


def _as_answered(conn: sa.Connection, caller: Principal, first: Answered) -> TranscriptRow:
    """The transcript as it was when it was submitted, or as what is left of it once deleted."""
    row = owned_transcript(conn, first.transcript_id, caller)
    if row.deleted_at is not None:
        return row
    return replace(
        row,
        status=TranscriptStatus.QUEUED,
        throttled=first.throttled,
        started_at=None,
        completed_at=None,
        error=None,
        error_code=None,
        audio_duration_s=None,
        webhook_status_code=None,
    )


def owned_transcript(conn: sa.Connection, transcript_id: str, caller: Principal) -> TranscriptRow:
    """The transcript, if it is the caller's; another project's is as unknown as one that is not."""
    # What cannot be an id is not looked for: PostgreSQL refuses some of it, a NUL for one.
    is_id = _ID.fullmatch(transcript_id) is not None
    row = find_transcript(conn, transcript_id, caller.project_id) if is_id else None
    if row is None:
        raise TranscriptNotFound
    return row


def cancel_transcript(
    services: ApiServices, caller: Principal, transcript_id: str
) -> TranscriptRow:
    """The transcript, ended as cancelled; JobAlreadyEnded where it ended in another way."""
    try:
        with services.engine.begin() as conn:
            row = owned_transcript(conn, transcript_id, caller)
            if row.error_code != JobCancelled.code:
                row = fail_transcript(
                    conn,
                    transcript_id,
                    str(JobCancelled()),
                    services.clock(),
                    code=JobCancelled.code,
                )
                if row.webhook_url is not None:
                    services.jobs.announce(conn, transcript_id)
    except TransitionImpossible as error:
        raise JobAlreadyEnded(error.met) from error
    if row.options.redaction is not None:
        empty_log(services.engine)  # what was to be hidden: the row has lost it
    services.jobs.cancel(transcript_id)
    services.media.delete_prefix(work_prefix(transcript_id))
    services.media.delete_prefix(redacted_prefix(transcript_id))
    return row


def delete_transcript(
    services: ApiServices, caller: Principal, transcript_id: str
) -> TranscriptRow:
    """The scrubbed record; again and again, so that a deletion that broke off can be finished."""
    with services.engine.begin() as conn:
        row = owned_transcript(conn, transcript_id, caller)
        if row.status not in _ENDED:
            # "While queued/processing: only completed may be deleted; answers 400
            # `Transcript lookup error, transcript id not found` and the job runs on."
            raise TranscriptNotFound
        erasure = erase_transcript(conn, row, services.clock())
    delete_erased_media(services.media, erasure)
    services.jobs.forget(transcript_id)
    empty_log(services.engine)
    return erasure.record


def _claim_upload(
    conn: sa.Connection, services: ApiServices, caller: Principal, audio_url: str
) -> str | None:
    """The id of the upload that the URL names, now in use; None where it names none of ours."""
    upload_id = upload_id_in(audio_url)
    # Held, so that no deletion takes it away before the transcript that awaits it is stored.
    upload = None if upload_id is None else hold_upload(conn, upload_id)
    if upload is None:
        return None
    if upload.project_id != caller.project_id:
        raise UploadOfAnotherProject
    mark_upload_used(conn, upload.id, services.clock())
    return upload.id


def _with_base_url(options: TranscriptOptions, base_url: str) -> TranscriptOptions:
    """The options, with what a worker needs to tell where the redacted audio is."""
    redaction, audio = options.redaction, options.redacted_audio
    if redaction is None or audio is None:
        return options
    return replace(options, redaction=replace(redaction, audio=replace(audio, base_url=base_url)))


def _new_transcript(
    services: ApiServices,
    caller: Principal,
    accepted: AcceptedRequest,
    transcript_id: str,
    upload_id: str | None,
) -> NewTranscript:
    wire = accepted.wire
    return NewTranscript(
        id=transcript_id,
        project_id=caller.project_id,
        audio_url=wire.audio_url,
        request=stored_request(accepted.echo, accepted.warnings),
        options=accepted.options,
        created_at=services.clock(),
        upload_id=upload_id,
        webhook_url=wire.webhook_url,
        webhook_auth_header_name=wire.webhook_auth_header_name,
        webhook_auth_header_value=wire.webhook_auth_header_value,
        key_id=caller.key_id,
    )
