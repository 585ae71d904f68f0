"""Transcripts: submit, get, list, cancel, delete."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from earshot.api.auth import Caller
from earshot.api.bodies import ERROR_RESPONSES, Body, ErrorBody, json_answer, parse_object
from earshot.api.listing import LIST_PARAMETERS, list_page
from earshot.api.schemas.transcript import TranscriptBody, transcript_body
from earshot.api.schemas.transcript_list import TranscriptListBody, parse_list_query
from earshot.api.services import Services
from earshot.api.transcripts import (
    cancel_transcript,
    delete_transcript,
    owned_transcript,
    submit_transcript,
)
from earshot.api.urls import absolute_url, allows_private_hosts
from earshot.storage.database import reading
from earshot.storage.results import find_result

router = APIRouter(prefix="/v2/transcript", tags=["transcripts"], responses=ERROR_RESPONSES)

_TRANSCRIPT: Final[dict[int | str, dict[str, Any]]] = {200: {"model": TranscriptBody}}

IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Any text of your own, 1 to 255 characters. Not of the compatible API.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


@router.post(
    "",
    summary="Submit a recording",
    responses={
        **_TRANSCRIPT,
        403: {"model": ErrorBody, "description": "`audio_url` is an upload of another project."},
        422: {"model": ErrorBody, "description": "The `Idempotency-Key` came with another body."},
    },
    openapi_extra={
        "parameters": [IDEMPOTENCY_KEY],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/TranscriptRequest"}}
            },
        },
    },
)
def submit(request: Request, services: Services, caller: Caller, body: Body) -> Response:
    """Queue the transcript and answer at once; ask for it again until it is completed.

    With an `Idempotency-Key` header, the same submit is done once in 24 hours however often it
    comes: each is answered as the first was.
    """
    row = submit_transcript(
        services,
        caller,
        parse_object(body),
        allows_private_hosts=allows_private_hosts(request, services.options),
        base_url=absolute_url(request, services.options, ""),
        idempotency_key=request.headers.get("idempotency-key"),
    )
    return json_answer(transcript_body(row, None))


@router.get(
    "",
    summary="List transcripts",
    responses={200: {"model": TranscriptListBody}},
    openapi_extra={"parameters": LIST_PARAMETERS},
)
def list_transcripts(request: Request, services: Services, caller: Caller) -> Response:
    """Newest first. Follow `prev_url` until it is null to see them all."""
    query = parse_list_query(request.query_params)
    return json_answer(list_page(request, services, caller, query))


@router.get("/{transcript_id}", summary="Get a transcript", responses=_TRANSCRIPT)
def get(transcript_id: str, services: Services, caller: Caller) -> Response:
    with reading(services.engine) as conn:
        row = owned_transcript(conn, transcript_id, caller)
        result = find_result(conn, transcript_id)
    return json_answer(transcript_body(row, result))


@router.delete("/{transcript_id}", summary="Delete a transcript", responses=_TRANSCRIPT)
def delete(transcript_id: str, services: Services, caller: Caller) -> Response:
    """Delete its words, its upload and every trace of its job; a scrubbed record stays.

    One that is queued or processing is answered as unknown: cancel it first.
    """
    return json_answer(transcript_body(delete_transcript(services, caller, transcript_id), None))


@router.post("/{transcript_id}/cancel", summary="Cancel a transcript", responses=_TRANSCRIPT)
def cancel(transcript_id: str, services: Services, caller: Caller) -> Response:
    """End a transcript that is queued or processing. An addition to the compatible API."""
    return json_answer(transcript_body(cancel_transcript(services, caller, transcript_id), None))
