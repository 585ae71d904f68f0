"""OpenAI's `/v1/audio` routes: what most open speech servers speak."""

import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from earshot.accounts.keys import Principal
from earshot.api.auth import Caller
from earshot.api.bodies import json_answer
from earshot.api.forms import Form, FormRules, receive_form
from earshot.api.openai_errors import (
    OPENAI_ERRORS,
    REQUEST_ID_HEADER,
    openai_fault,
    render_openai_error,
)
from earshot.api.problems import problem_status, route_with_errors
from earshot.api.schemas.openai_answers import (
    AudioBody,
    DeltaEvent,
    DiarizedBody,
    DoneEvent,
    VerboseBody,
    diarized_segments,
    languages_of,
    logprobs,
    render_answer,
    warnings_of,
)
from earshot.api.schemas.openai_audio import (
    REFUSED_FIELDS,
    OpenAiRequest,
    read_transcription,
    read_translation,
)
from earshot.api.services import ApiServices, Services
from earshot.api.sync_run import SyncRun, require_sync
from earshot.api.sync_services import SyncEngines
from earshot.api.sync_usage import counting
from earshot.transcript.result import TranscriptResult
from earshot.transcript.sentences import split_sentences
from earshot.transcript.words import Word, join_words

logger = logging.getLogger(__name__)

router = APIRouter(
    prefix="/v1/audio",
    tags=["transcripts at once"],
    route_class=route_with_errors(render_openai_error),
)

_NO_FORM: Final = "the request must be multipart/form-data with a `file` part and a `model` field"
_NO_FILE: Final = "file must be given"
_EVENTS: Final = "text/event-stream"

_TEXT: Final = {"type": "string"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_COMMON_FIELDS: Final[dict[str, Any]] = {
    "file": {"type": "string", "format": "binary", "description": "Audio or video of any kind."},
    "model": {
        **_TEXT,
        "description": "A name of OpenAI's, of the API's tiers, or of `earshot models list`.",
    },
    "prompt": {**_TEXT, "description": "Text whose names and terms are listened for."},
    "temperature": {"type": "number", "description": "Accepted, and without effect."},
}
_TRANSCRIPTION_FIELDS: Final[dict[str, Any]] = {
    **_COMMON_FIELDS,
    "language": {**_TEXT, "description": "ISO 639-1. Default: found out, where a model can."},
    "languages[]": {**_TEXTS, "description": "Of which it is one."},
    "keywords[]": {**_TEXTS, "description": "Terms to listen for."},
    "response_format": {
        "enum": ["json", "text", "srt", "verbose_json", "vtt", "diarized_json"],
        "description": "Default: json.",
    },
    "timestamp_granularities[]": {
        "type": "array",
        "items": {"enum": ["word", "segment"]},
        "description": "Of `verbose_json`. Default: segment; a segment is a sentence.",
    },
    "include[]": {"type": "array", "items": {"enum": ["logprobs"]}},
    "chunking_strategy": {**_TEXT, "description": "`auto`; an object is without effect."},
    "stream": {"type": "boolean", "description": "Answer with events as words are known."},
}
_TRANSLATION_FIELDS: Final[dict[str, Any]] = {
    **_COMMON_FIELDS,
    "response_format": {
        "enum": ["json", "text", "srt", "verbose_json", "vtt"],
        "description": "Default: json.",
    },
}


def _documented(fields: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": ["file", "model"], "properties": fields}
    content = {"multipart/form-data": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/transcriptions",
    summary="Transcribe a recording as OpenAI's API does",
    responses={
        200: {
            "model": AudioBody | VerboseBody | DiarizedBody,
            "content": {"text/plain": {"schema": _TEXT}, _EVENTS: {"schema": _TEXT}},
        },
        **OPENAI_ERRORS,
    },
    openapi_extra=_documented(_TRANSCRIPTION_FIELDS),
)
async def transcribe_audio(request: Request, services: Services, caller: Caller) -> Response:
    """Nothing is stored, and nothing waits in a queue. Ends when the client goes away."""
    return await _answer(request, services, caller, read_transcription)


@router.post(
    "/translations",
    summary="Translate speech into English as OpenAI's API does",
    responses={
        200: {
            "model": AudioBody | VerboseBody,
            "content": {"text/plain": {"schema": _TEXT}},
        },
        **OPENAI_ERRORS,
    },
    openapi_extra=_documented(_TRANSLATION_FIELDS),
)
async def translate_audio(request: Request, services: Services, caller: Caller) -> Response:
    """Likewise. Needs a model that translates, such as one of Whisper's."""
    return await _answer(request, services, caller, read_translation)


async def _answer(
    request: Request,
    services: ApiServices,
    caller: Principal,
    read: Callable[[Form, SyncEngines], OpenAiRequest],
) -> Response:
    sync = require_sync(services)
    rules = FormRules(
        "file",
        sync.limits.max_bytes,
        if_none=_NO_FORM,
        if_no_media=_NO_FILE,
        refused=REFUSED_FIELDS,
    )
    with ExitStack() as held:
        held.callback(sync.places.take(caller.project_id))
        form = await receive_form(request, rules)
        held.callback(form.media.file.close)
        asked = read(form, sync.engines)
        max_ms = 1000 * sync.limits.max_s
        run = SyncRun(
            request, services, form.media, asked.options, max_ms, held, tells_words=asked.streams
        )
    headers = {REQUEST_ID_HEADER: services.new_id()}
    if asked.streams:
        streamed = await _stream(run, asked, headers)
        streamed.background = counting(services, caller, run)
        return streamed
    # Of an hour of speech this takes so long that live sessions would notice.
    response = await run_in_threadpool(_render, await run.result(), asked)
    response.headers.update(headers)
    response.background = counting(services, caller, run)
    return response


def _render(result: TranscriptResult, asked: OpenAiRequest) -> Response:
    answer = render_answer(result, asked)
    if not isinstance(answer, str):
        return json_answer(answer)
    warnings = warnings_of(result, asked)
    headers = {"x-earshot-warnings": json.dumps(warnings)} if warnings else None
    return PlainTextResponse(answer, headers=headers)


async def _stream(run: SyncRun, asked: OpenAiRequest, headers: dict[str, str]) -> Response:
    """The answer in events, once there are words or none: until then an error has its status."""
    try:
        first = await run.next_words()
        if first is None:
            run.outcome()  # which may be an error
    except BaseException:
        run.give_up()
        raise
    # No proxy is to keep words back.
    headers = {**headers, "cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_events(run, first, asked), media_type=_EVENTS, headers=headers)


async def _events(
    run: SyncRun, first: Sequence[Word] | None, asked: OpenAiRequest
) -> AsyncIterator[str]:
    """A piece of text for each sentence, what speakers say at the end, and the whole text."""
    told: list[Word] = []
    text = ""
    words = first
    try:
        while words is not None:
            for sentence in split_sentences(words):
                delta = _text_after(told, sentence.words)
                told += sentence.words
                text += delta
                probable = logprobs(sentence.words) if asked.has_logprobs else None
                yield _event(DeltaEvent(delta=delta, logprobs=probable))
            words = await run.next_words()
        result = run.outcome()
        if asked.response_format == "diarized_json":
            for segment in diarized_segments(result):
                yield _event(segment)
        yield _event(
            DoneEvent(
                text=text,
                languages=languages_of(result, asked),
                logprobs=logprobs(told) if asked.has_logprobs else None,
                warnings=warnings_of(result, asked),
            )
        )
    except ClientDisconnect:
        raise
    except Exception as error:
        # The status is out: what went wrong is said in the stream, which SDKs raise.
        if problem_status(error) is HTTPStatus.INTERNAL_SERVER_ERROR:
            logger.exception("stream_failed")
        yield _event(openai_fault(error))
    finally:
        run.give_up()


def _text_after(told: Sequence[Word], words: Sequence[Word]) -> str:
    """What the words add to the text of those before; a space first, where there is one."""
    last = told[-1:]
    return join_words([*last, *words])[len(join_words(last)) :]


def _event(body: BaseModel) -> str:
    return f"data: {body.model_dump_json()}\n\n"
