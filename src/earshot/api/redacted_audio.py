"""The recording without what was hidden in its transcript: where it is, and its bytes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from earshot.accounts.media_links import opens, sign_link
from earshot.accounts.projects import webhook_secret
from earshot.api.auth import Caller
from earshot.api.bodies import ERROR_RESPONSES, ErrorBody, json_answer
from earshot.api.byte_ranges import ByteRange, asked_range, is_same_file
from earshot.api.errors import error_answer
from earshot.api.services import ApiServices, Services
from earshot.api.transcripts import owned_transcript
from earshot.api.urls import absolute_url
from earshot.errors import (
    MediaLinkInvalid,
    RedactedAudioNotRequested,
    RedactedAudioUnavailable,
)
from earshot.storage.database import reading
from earshot.storage.erasure import redacted_audio_path, redacted_key
from earshot.storage.projects import find_project
from earshot.storage.transcripts import find_transcript
from earshot.transcript.status import TranscriptStatus

router = APIRouter(tags=["exports"])

_FILE = re.compile(r"([0-9A-Za-z-]{1,64})\.(mp3|wav)")
_MEDIA_TYPES: Final = {"mp3": "audio/mpeg", "wav": "audio/wav"}
_UNDER_WAY = (TranscriptStatus.QUEUED, TranscriptStatus.PROCESSING)
# "202 with {"error": ...} while processing (a 400 makes the SDK give up)".
_IN_PROGRESS: Final = (
    "Transcription is still in progress. Redacted audio will be available after it has completed."
)


_NO_SUCH_PART: Final = "The file has no bytes there"


class RedactedAudioBody(BaseModel):
    """Where the redacted audio is; the URL needs no key, and is good for a day."""

    status: Literal["redacted_audio_ready"] = "redacted_audio_ready"
    redacted_audio_url: str


@router.get(
    "/v2/transcript/{transcript_id}/redacted-audio",
    summary="Recording without personal data",
    responses={
        **ERROR_RESPONSES,
        200: {"model": RedactedAudioBody},
        202: {"model": ErrorBody, "description": "Not yet: ask again."},
    },
)
def redacted_audio(
    request: Request, transcript_id: str, services: Services, caller: Caller
) -> Response:
    """Of a transcript that was submitted with `redact_pii_audio`."""
    with reading(services.engine) as conn:
        row = owned_transcript(conn, transcript_id, caller)
    audio = row.options.redacted_audio
    if audio is None:
        raise RedactedAudioNotRequested
    if row.status in _UNDER_WAY:
        return error_answer(HTTPStatus.ACCEPTED, _IN_PROGRESS)
    is_there = row.status is TranscriptStatus.COMPLETED and services.media.exists(
        redacted_key(row.id, audio.form)
    )
    if not is_there:
        raise RedactedAudioUnavailable
    path = redacted_audio_path(row.id, audio.form)
    with services.engine.begin() as conn:
        query = sign_link(webhook_secret(conn, row.project_id), path, services.clock())
    url = absolute_url(request, services.options, path, dict(query))
    return json_answer(RedactedAudioBody(redacted_audio_url=url))


@router.head("/redacted-audio/{file}", include_in_schema=False)
def look(request: Request, file: str, services: Services) -> Response:
    """What `download` would answer, without the bytes: players ask before they begin."""
    opened = _open(request, file, services)
    return Response(headers=opened.headers(opened.whole), media_type=opened.media_type)


@router.get(
    "/redacted-audio/{file}",
    summary="Download redacted audio",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"audio/mpeg": {}, "audio/wav": {}}},
        206: {
            "content": {"audio/mpeg": {}, "audio/wav": {}},
            "description": "The part that the `Range` header asks for.",
        },
        400: {"model": ErrorBody, "description": "Deleted meanwhile."},
        403: {"model": ErrorBody, "description": "Not a URL of ours, or its time is over."},
        416: {"model": ErrorBody, "description": "The file has no such part."},
    },
)
def download(request: Request, file: str, services: Services) -> Response:
    """The file, or a part of it, to whoever has the signed URL; it needs no key."""
    opened = _open(request, file, services)
    part = None
    if is_same_file(request.headers.get("If-Range"), opened.etag):
        part = asked_range(request.headers.get("Range"), opened.whole.n_bytes)
    if part is not None and not part.n_bytes:
        headers = {"Content-Range": f"bytes */{opened.whole.n_bytes}"}
        return error_answer(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, _NO_SUCH_PART, headers)
    return StreamingResponse(
        opened.read(services, part or opened.whole),
        HTTPStatus.OK if part is None else HTTPStatus.PARTIAL_CONTENT,
        opened.headers(part or opened.whole, is_part=part is not None),
        opened.media_type,
    )


@dataclass(frozen=True, slots=True)
class _OpenFile:
    """A file that the request may have; `etag` changes with its bytes."""

    key: str
    media_type: str
    whole: ByteRange
    etag: str | None

    def headers(self, sent: ByteRange, *, is_part: bool = False) -> dict[str, str]:
        """Those of an answer with these bytes."""
        headers = {
            "Content-Length": str(sent.n_bytes),
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, no-store",
        }
        if self.etag is not None:
            headers["ETag"] = self.etag
        if is_part:
            place = f"{sent.start}-{sent.end - 1}"
            headers["Content-Range"] = f"bytes {place}/{self.whole.n_bytes}"
        return headers

    def read(self, services: ApiServices, part: ByteRange) -> Iterator[bytes]:
        """The bytes; RedactedAudioUnavailable where they are gone meanwhile."""
        is_whole = part == self.whole
        try:
            return services.media.read(self.key, part.start, None if is_whole else part.end)
        except FileNotFoundError:
            raise RedactedAudioUnavailable from None


def _open(request: Request, file: str, services: ApiServices) -> _OpenFile:
    """The file that the URL names; raises MediaLinkInvalid and RedactedAudioUnavailable."""
    found = _FILE.fullmatch(file)
    if found is None or not _is_signed(request, services, found[1], found[2]):
        raise MediaLinkInvalid
    key = redacted_key(found[1], found[2])
    try:
        stored = services.media.find(key)
    except FileNotFoundError:
        raise RedactedAudioUnavailable from None
    # A store may give its own mark in quotes, as the header wants it, or bare.
    mark = None if stored.version is None else stored.version.removeprefix("W/").strip('"')
    etag = None if mark is None else f'"{mark}"'
    return _OpenFile(key, _MEDIA_TYPES[found[2]], ByteRange(0, stored.n_bytes), etag)


def _is_signed(request: Request, services: ApiServices, transcript_id: str, form: str) -> bool:
    """Whether the URL is one of ours; of a deleted transcript none is."""
    with reading(services.engine) as conn:
        row = find_transcript(conn, transcript_id)
        project = None if row is None else find_project(conn, row.project_id)
    if row is None or row.deleted_at is not None or project is None:
        return False
    secret = project.webhook_secret  # there is one as soon as something was signed with it
    path = redacted_audio_path(transcript_id, form)
    return secret is not None and opens(secret, path, request.query_params, services.clock())
