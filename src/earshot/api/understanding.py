"""`/v1/understanding`: what is to be found out about a transcript that is finished."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from earshot.accounts.keys import Principal
from earshot.accounts.usage import UsageOwner, record_all_tokens
from earshot.api.auth import Caller
from earshot.api.bodies import Body, json_answer, parse_object
from earshot.api.gateway import GATEWAY_ERRORS, GatewayRoute
from earshot.api.schemas.findings import methods_of
from earshot.api.schemas.speech_understanding import (
    UnderstandingCheck,
    UnderstandingRequest,
    require_model_for,
    require_speakers,
    require_speech_understanding,
    without_names,
)
from earshot.api.schemas.transcript import MetadataBody, metadata_body
from earshot.api.schemas.understood import SpeechUnderstandingBody, translated_texts
from earshot.api.schemas.wire import WireModel
from earshot.api.schemas.words import (
    UtteranceBody,
    WordBody,
    is_none,
    utterance_bodies,
    word_bodies,
)
from earshot.api.services import ApiServices, Services, Understanding
from earshot.api.transcripts import owned_transcript
from earshot.errors import RequestInvalid, TranscriptNotCompleted, TranscriptNotFound
from earshot.storage.database import reading
from earshot.storage.results import find_result
from earshot.storage.transcripts import TranscriptRow
from earshot.transcript.findings import Findings
from earshot.transcript.options import UnderstandingOptions
from earshot.transcript.result import TranscriptResult
from earshot.transcript.status import TranscriptStatus

router = APIRouter(
    prefix="/v1/understanding",
    tags=["understanding"],
    responses=GATEWAY_ERRORS,
    route_class=GatewayRoute,
)


class UnderstandingBody(WireModel):
    """What was found out. The transcript stays what it was."""

    request_id: str
    speech_understanding: SpeechUnderstandingBody
    translated_texts: Annotated[dict[str, str] | None, Field(exclude_if=is_none)] = None
    utterances: Annotated[list[UtteranceBody] | None, Field(exclude_if=is_none)] = None
    """With the names of speakers, or with translations, where these were asked for."""
    words: Annotated[list[WordBody] | None, Field(exclude_if=is_none)] = None
    """With the names of speakers, where these were asked for."""
    metadata: Annotated[MetadataBody | None, Field(exclude_if=is_none)] = None
    """Not of the compatible API: what did not go as it was asked for, and which methods worked."""


class CheckedBody(WireModel):
    """The request would be done."""

    request_id: str
    valid: bool = True


def _documented(schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "",
    summary="Translate a transcript, name its speakers, write its values in a form",
    responses={200: {"model": UnderstandingBody}},
    openapi_extra=_documented("UnderstandingRequest"),
)
def understand(services: Services, caller: Caller, body: Body) -> Response:
    """Answers when it is done, after two minutes at the latest. Nothing of it is stored."""
    wire = UnderstandingRequest.parse(parse_object(body))
    asked = wire.speech_understanding
    require_speech_understanding(asked)
    row, result = _completed(services, caller, wire.transcript_id)
    understanding = _able(services, caller, asked.options, result)
    redaction = row.options.redaction
    found = understanding.understand(result, asked.options, caller.project_name, redaction)
    _count_tokens(services, caller, found)
    echo = asked.echo if redaction is None else without_names(asked.echo)
    return json_answer(_body(services.new_id(), echo, found, asked.options))


@router.post(
    "/validate",
    summary="Check a request to understand a transcript",
    responses={200: {"model": CheckedBody}},
    openapi_extra=_documented("UnderstandingCheck"),
)
def validate(services: Services, caller: Caller, body: Body) -> Response:
    """Refuses what `/v1/understanding` would refuse, and does nothing else."""
    wire = UnderstandingCheck.parse(parse_object(body))
    asked = wire.speech_understanding
    require_speech_understanding(asked)
    result = None
    if wire.transcript_id is not None:
        _, result = _completed(services, caller, wire.transcript_id)
    _able(services, caller, asked.options, result)
    return json_answer(CheckedBody(request_id=services.new_id()))


def _completed(
    services: ApiServices, caller: Principal, transcript_id: str
) -> tuple[TranscriptRow, TranscriptResult]:
    """The caller's transcript; an error unless it is completed and not deleted."""
    with reading(services.engine) as conn:
        row = owned_transcript(conn, transcript_id, caller)
        if row.status is not TranscriptStatus.COMPLETED:
            raise TranscriptNotCompleted(row.status, "speech understanding")
        result = find_result(conn, transcript_id)
    if result is None:
        raise TranscriptNotFound  # deleted: the record is there, what it was about is not
    return row, result


def _count_tokens(services: ApiServices, caller: Principal, found: TranscriptResult) -> None:
    if found.findings is not None and found.findings.tokens:
        with services.engine.begin() as conn:
            owner = UsageOwner(caller.project_id, caller.key_id)
            record_all_tokens(conn, owner, found.findings.tokens, services.clock())


def _able(
    services: ApiServices,
    caller: Principal,
    options: UnderstandingOptions,
    result: TranscriptResult | None,
) -> Understanding:
    """What finds it out; RequestInvalid where that, or the transcript, has not what it takes."""
    understanding = services.understanding
    if understanding is None:
        raise RequestInvalid("speech_understanding is not available on this server")
    project = caller.project_name
    require_model_for(options, has_language_model=understanding.has_language_model(project))
    if result is not None:
        require_speakers(options, tells_voices=result.utterances is not None)
    return understanding


def _body(
    request_id: str, echo: dict[str, Any], found: TranscriptResult, options: UnderstandingOptions
) -> UnderstandingBody:
    findings = found.findings or Findings()
    names = options.speaker_naming is not None
    translations = findings.translations
    of_utterances = None if translations is None else translations.of_utterances
    utterances = None
    if found.utterances is not None and (names or of_utterances is not None):
        utterances = utterance_bodies(found.utterances, of_utterances)
    return UnderstandingBody(
        request_id=request_id,
        speech_understanding=SpeechUnderstandingBody.answering(echo, findings, found.utterances),
        translated_texts=translated_texts(findings),
        utterances=utterances,
        words=word_bodies(found.words) if names else None,
        metadata=metadata_body(list(findings.warnings), methods_of(findings)),
    )
