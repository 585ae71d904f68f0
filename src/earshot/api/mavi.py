"""The wrapper API of MAVI: a recording in, its finished transcript out, in one request."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from earshot.accounts.keys import Principal, require_not_revoked
from earshot.api.auth import Caller
from earshot.api.bodies import Body, json_answer, parse_object
from earshot.api.errors import INTERNAL_ERROR, retry_headers, status_of
from earshot.api.forms import MAX_FIELDS_BYTES
from earshot.api.multipart import MultipartParser, PartHead, boundary_of
from earshot.api.prerecorded import IDEMPOTENCY_KEY
from earshot.api.problems import route_with_errors
from earshot.api.schemas.mavi import (
    NO_SOURCE,
    AssetBody,
    MaviAssetBody,
    MaviErrorBody,
    MaviSource,
    MaviTranscriptBody,
    parameters_of,
)
from earshot.api.schemas.transcript import transcript_body
from earshot.api.services import ApiServices, Services
from earshot.api.transcripts import owned_transcript, submit_transcript
from earshot.api.uploads import store_upload
from earshot.api.urls import absolute_url, allows_private_hosts, upload_path
from earshot.errors import RequestInvalid, ServerStopping, TranscriptNotFound
from earshot.storage.database import reading
from earshot.storage.results import find_result
from earshot.storage.transcripts import TranscriptRow
from earshot.storage.uploads import find_upload
from earshot.transcript.result import TranscriptResult
from earshot.transcript.status import TranscriptStatus

_ASSET: Final = "re_"
_FILE_PART: Final = "file"
_NO_FILE: Final = f"the form must have a part `{_FILE_PART}` with the recording"
_UNKNOWN_ASSET: Final = "asset_id must be an asset of your project"

# How long between two looks at a transcript: a short one is told soon, a long one asks for little.
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 2.0
_PAUSE_GROWTH: Final = 1.3

_ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": MaviErrorBody, "description": description}
    for status, description in {
        400: "The request breaks a rule; `msg` says which.",
        401: "No key, or one that opens nothing.",
        413: "Too large.",
        429: "Too many requests.",
        500: "The transcript failed, and `msg` says why; or a fault of this server.",
        503: "The database is not available right now, or the server is being stopped.",
        507: "No room left; nothing was kept.",
    }.items()
}


def render_mavi_error(error: Exception) -> JSONResponse:
    """The error in its envelope."""
    status = status_of(error)
    is_ours = status is HTTPStatus.INTERNAL_SERVER_ERROR
    return mavi_answer(status, INTERNAL_ERROR if is_ours else str(error), retry_headers(error))


def mavi_answer(
    status: int, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    body = MaviErrorBody(code=status, msg=message, failed=True, success=False)
    return JSONResponse(body.model_dump(), status_code=status, headers=headers)


router = APIRouter(
    prefix="/serve/api/v2",
    tags=["mavi"],
    responses=_ERRORS,
    route_class=route_with_errors(render_mavi_error),
)


@router.post(
    "/assets",
    summary="Store a recording for the wrapper API",
    responses={200: {"model": MaviAssetBody}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The bytes of the file as they are, or a form with them in `file`.",
            "content": {
                "application/octet-stream": {},
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": [_FILE_PART],
                        "properties": {_FILE_PART: {"type": "string", "format": "binary"}},
                    }
                },
            },
        }
    },
)
async def store_asset(request: Request, services: Services, caller: Caller) -> Response:
    """Kept like any upload: deleted with its transcript, or after a day where there is none."""
    boundary = boundary_of(request.headers.get("content-type", ""))
    chunks = request.stream() if boundary is None else _file_in_form(request, boundary)
    upload_id = await store_upload(request, services, caller, chunks)
    asset = AssetBody(asset_id=_ASSET + upload_id.replace("-", ""))
    return json_answer(
        MaviAssetBody(code=200, msg="success", data=asset, failed=False, success=True)
    )


@router.post(
    "/transcriptions/speech-to-text",
    summary="Transcribe in one request",
    responses={
        200: {"model": MaviTranscriptBody},
        403: {
            "model": MaviErrorBody,
            "description": "The recording is an upload of another project.",
        },
        422: {
            "model": MaviErrorBody,
            "description": "The `Idempotency-Key` came with another body.",
        },
    },
    openapi_extra={
        "parameters": [IDEMPOTENCY_KEY],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/MaviRequest"}}
            },
        },
    },
)
async def speech_to_text(
    request: Request, services: Services, caller: Caller, body: Body
) -> Response:
    """Answers when the transcript is completed, however long that takes.

    A caller who does not wait finds it in the list of `GET /v2/transcript`, or asks again with the
    same `Idempotency-Key`, which begins nothing anew.
    """
    submitted = await run_in_threadpool(_submit, request, services, caller, body)
    row, result = await _ended(request, services, caller, submitted.id)
    if row.status is TranscriptStatus.ERROR:
        return mavi_answer(HTTPStatus.INTERNAL_SERVER_ERROR, row.error or INTERNAL_ERROR)
    return await run_in_threadpool(_completed, row, result)


def _completed(row: TranscriptRow, result: TranscriptResult | None) -> Response:
    data = transcript_body(row, result)
    return json_answer(
        MaviTranscriptBody(code=200, msg="success", data=data, failed=False, success=True)
    )


def _submit(
    request: Request, services: ApiServices, caller: Principal, body: bytes
) -> TranscriptRow:
    content = parse_object(body)
    source = MaviSource.parse(content)
    if source.asset_id:
        path = upload_path(_upload_of(services, caller, source.asset_id))
        audio_url = absolute_url(request, services.options, path)
    else:
        audio_url = source.url or source.source_url or ""
    if not audio_url:
        raise RequestInvalid(NO_SOURCE)
    # There is one generation of this API, whichever of the other one is followed.
    lenient = replace(services, options=replace(services.options, compat="lenient"))
    return submit_transcript(
        lenient,
        caller,
        parameters_of(content, audio_url),
        allows_private_hosts=allows_private_hosts(request, services.options),
        base_url=absolute_url(request, services.options, ""),
        idempotency_key=request.headers.get("idempotency-key"),
    )


def _upload_of(services: ApiServices, caller: Principal, asset_id: str) -> str:
    """The upload that is that asset; another project's is as unknown as one that is not."""
    try:
        upload_id = str(uuid.UUID(hex=asset_id.removeprefix(_ASSET)))
    except ValueError as error:
        raise RequestInvalid(_UNKNOWN_ASSET) from error
    with reading(services.engine) as conn:
        upload = find_upload(conn, upload_id)
    if upload is None or upload.project_id != caller.project_id:
        raise RequestInvalid(_UNKNOWN_ASSET)
    return upload_id


async def _ended(
    request: Request, services: ApiServices, caller: Principal, transcript_id: str
) -> tuple[TranscriptRow, TranscriptResult | None]:
    """The transcript once it has ended; ClientDisconnect where nobody waits for it any more."""
    pause_s = _FIRST_PAUSE_S
    while True:
        row, result = await run_in_threadpool(_look_up, services, caller, transcript_id)
        if row.status in (TranscriptStatus.COMPLETED, TranscriptStatus.ERROR):
            return row, result
        if await request.is_disconnected():
            raise ClientDisconnect
        if services.stopping.is_set():
            raise ServerStopping(transcript_id)
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * _PAUSE_GROWTH, _LONGEST_PAUSE_S)


def _look_up(
    services: ApiServices, caller: Principal, transcript_id: str
) -> tuple[TranscriptRow, TranscriptResult | None]:
    with reading(services.engine) as conn:
        require_not_revoked(conn, caller)  # it may have been a long wait
        row = owned_transcript(conn, transcript_id, caller)
        if row.deleted_at is not None:  # its record says "completed", and there is nothing to it
            raise TranscriptNotFound
        is_completed = row.status is TranscriptStatus.COMPLETED
        return row, find_result(conn, transcript_id) if is_completed else None


async def _file_in_form(request: Request, boundary: bytes) -> AsyncIterator[bytes]:
    """The content of the form's file as it arrives; RequestInvalid where there is none."""
    parser = MultipartParser(boundary)
    n_files = n_other_bytes = 0
    is_file = False
    async for chunk in request.stream():
        for event in parser.feed(chunk):
            if isinstance(event, PartHead):
                is_file = event.name == _FILE_PART
                n_files += is_file
                if n_files > 1:
                    raise RequestInvalid(f"the form has more than one part `{_FILE_PART}`")
            elif isinstance(event, bytes) and is_file:
                yield event
            elif isinstance(event, bytes):
                n_other_bytes += len(event)
                if n_other_bytes > MAX_FIELDS_BYTES:
                    raise RequestInvalid(f"the form has too much beside its part `{_FILE_PART}`")
    parser.close()
    if not n_files:
        raise RequestInvalid(_NO_FILE)
