"""`/lemur/v3`: tasks, summaries, questions and things to do, of transcripts that are finished."""

import logging
import re
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from earshot.accounts.keys import Principal
from earshot.accounts.usage import UsageOwner, record_all_tokens
from earshot.api.auth import Caller
from earshot.api.bodies import ERROR_RESPONSES, Body, ErrorBody, json_answer, parse_object
from earshot.api.errors import error_answer
from earshot.api.lemur_rate import Admission, admit
from earshot.api.schemas.lemur import (
    ActionItemsParameters,
    LemurBody,
    LemurParameters,
    PurgedBody,
    QuestionAnswerParameters,
    SummaryParameters,
    TaskParameters,
    lemur_body,
)
from earshot.api.services import ApiServices, Services
from earshot.api.transcripts import owned_transcript
from earshot.api.waiting import answer_in_thread
from earshot.errors import (
    LanguageModelUnavailable,
    LemurRequestNotFound,
    LlmFailed,
    LlmRequestTooLong,
    RequestInvalid,
    TooManyRequests,
    TranscriptNotCompleted,
    TranscriptNotFound,
    TranscriptTextEmpty,
)
from earshot.llm.client import Budget
from earshot.llm.prose import LlmWriter
from earshot.storage.database import empty_log, reading
from earshot.storage.lemur import (
    NewLemurRequest,
    find_lemur_answer,
    hold_lemur_sources,
    purge_lemur_request,
    save_lemur_answer,
)
from earshot.storage.results import find_result
from earshot.transcript.result import TranscriptResult
from earshot.transcript.sentences import split_sentences
from earshot.transcript.status import TranscriptStatus
from earshot.understanding.answering.extractive import extract_answer
from earshot.understanding.answering.task import Answered, Source, Task
from earshot.understanding.answering.written import chars_at_once, write_answer

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/lemur/v3", tags=["LeMUR"], responses=ERROR_RESPONSES)

_Parameters = TaskParameters | SummaryParameters | QuestionAnswerParameters | ActionItemsParameters

METHOD_HEADER: Final = "X-Earshot-Method"
_ID: Final = re.compile(r"[0-9A-Za-z-]+")
MAX_TOTAL_S: Final = 100 * 3600
TOO_LONG: Final = (
    "what is asked, with its context, is more than the language model of this server reads at "
    "once; how much that is, its operator says with EARSHOT_LLM_WINDOW"
)

_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": LemurBody},
    429: {"model": ErrorBody, "description": "Too many requests at once, or in a minute."},
    503: {"model": ErrorBody, "description": "The language model did not answer in time."},
}
_NOT_FOUND: Final[dict[int | str, dict[str, Any]]] = {
    404: {"model": ErrorBody, "description": "No such answer in your project."}
}


def _documented(schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/generate/task",
    summary="Have a prompt of your own answered",
    responses=_ANSWERS,
    openapi_extra=_documented("TaskParameters"),
)
async def answer_task(request: Request, services: Services, caller: Caller, body: Body) -> Response:
    """Without a language model the answer says that it was not, and quotes what is near it."""
    return await _answer_in_thread(request, services, caller, body, TaskParameters)


@router.post(
    "/generate/summary",
    summary="Summarise transcripts",
    responses=_ANSWERS,
    openapi_extra=_documented("SummaryParameters"),
)
async def answer_summary(
    request: Request, services: Services, caller: Caller, body: Body
) -> Response:
    """Without a language model it is made of sentences that were said."""
    return await _answer_in_thread(request, services, caller, body, SummaryParameters)


@router.post(
    "/generate/question-answer",
    summary="Ask questions about transcripts",
    responses=_ANSWERS,
    openapi_extra=_documented("QuestionAnswerParameters"),
)
async def answer_questions(
    request: Request, services: Services, caller: Caller, body: Body
) -> Response:
    """Without a language model the answers are quotations, with their times."""
    return await _answer_in_thread(request, services, caller, body, QuestionAnswerParameters)


@router.post(
    "/generate/action-items",
    summary="List what is to be done",
    responses=_ANSWERS,
    openapi_extra=_documented("ActionItemsParameters"),
)
async def answer_action_items(
    request: Request, services: Services, caller: Caller, body: Body
) -> Response:
    """Without a language model it is a list of sentences that sound like it."""
    return await _answer_in_thread(request, services, caller, body, ActionItemsParameters)


@router.get(
    "/{request_id}",
    summary="Get an answer again",
    responses={200: {"model": LemurBody}, **_NOT_FOUND},
)
def get_answer(request_id: str, services: Services, caller: Caller) -> Response:
    """As it was, until it or one of its transcripts is deleted."""
    _require_id(request_id)
    with reading(services.engine) as conn:
        answer = find_lemur_answer(conn, request_id, caller.project_id)
    if answer is None:
        raise LemurRequestNotFound
    method = answer["metadata"]["method"]
    return JSONResponse(dict(answer), headers={METHOD_HEADER: method})


@router.delete(
    "/{request_id}",
    summary="Delete an answer",
    responses={200: {"model": PurgedBody}, **_NOT_FOUND},
)
def purge(request_id: str, services: Services, caller: Caller) -> Response:
    """With the questions that it answers; nothing else of what was asked is kept in any case."""
    _require_id(request_id)
    with services.engine.begin() as conn:
        if not purge_lemur_request(conn, request_id, caller.project_id, services.clock()):
            raise LemurRequestNotFound
    empty_log(services.engine)
    return json_answer(
        PurgedBody(request_id=services.new_id(), request_id_to_purge=request_id, deleted=True)
    )


async def _answer_in_thread(
    request: Request,
    services: ApiServices,
    caller: Principal,
    body: bytes,
    parameters: type[_Parameters],
) -> Response:
    budget = Budget(services.options.lemur_s)  # what is done beside the model is in it, too

    def answer() -> Response:
        wire = parameters.parse(parse_object(body))
        return _answer(services, caller, wire, wire.task, budget)

    return await answer_in_thread(request, budget, answer)


def _answer(
    services: ApiServices, caller: Principal, wire: LemurParameters, task: Task, budget: Budget
) -> Response:
    wire.require_one_input()
    writer = _writer_for(services, caller, wire)
    max_chars = _chars_at_once(services, task, writer)
    with services.turns.turn(caller.project_id):
        sources = _sources(services, caller, wire)
        request_id = services.new_id()
        admission = _admit(services, caller, request_id, wire)
        if not admission.is_admitted:
            status = HTTPStatus.TOO_MANY_REQUESTS
            return error_answer(status, str(TooManyRequests()), admission.headers)
        try:
            answered = _answer_task(task, sources, writer, budget, max_chars)
        except (LanguageModelUnavailable, RequestInvalid):
            _count_tokens(services, caller, budget)
            raise
        body = lemur_body(request_id, task, answered, None if writer is None else writer.model)
        _keep(services, caller, body, budget)
    headers = {**admission.headers, METHOD_HEADER: answered.method}
    return Response(body.model_dump_json(), media_type="application/json", headers=headers)


def _require_id(request_id: str) -> None:
    """What cannot be an id is not looked for: PostgreSQL refuses some of it, a NUL for one."""
    if _ID.fullmatch(request_id) is None:
        raise LemurRequestNotFound


def _writer_for(
    services: ApiServices, caller: Principal, wire: LemurParameters
) -> LlmWriter | None:
    models = services.language_models
    return None if models is None else models.writer_of(caller.project_name, wire.final_model)


def _sources(services: ApiServices, caller: Principal, wire: LemurParameters) -> list[Source]:
    """What is to be read, in the order that was given; an error unless all of it is there."""
    if wire.input_text:
        return [Source.of_text(wire.input_text)]
    with reading(services.engine) as conn:
        rows = [owned_transcript(conn, one, caller) for one in wire.source_ids]
        for row in rows:
            if row.status is not TranscriptStatus.COMPLETED:
                raise TranscriptNotCompleted(row.status, "LeMUR")
        # Before any of it is read: it may be more than fits into memory.
        if sum(row.audio_duration_s or 0 for row in rows) > MAX_TOTAL_S:
            raise RequestInvalid("transcript_ids must be of at most 100 hours of audio in all")
        return [_source(row.id, find_result(conn, row.id)) for row in rows]


def _source(transcript_id: str, result: TranscriptResult | None) -> Source:
    if result is None:
        raise TranscriptNotFound  # deleted: what it was about is not there any more
    if not result.text:
        raise TranscriptTextEmpty
    # "only the transcript's `text` is given": of a redacted one what is left of it.
    return Source(split_sentences(result.words), result.text, transcript_id)


def _admit(
    services: ApiServices, caller: Principal, request_id: str, wire: LemurParameters
) -> Admission:
    new = NewLemurRequest(
        request_id, caller.project_id, caller.key_id, services.clock(), wire.source_ids
    )
    limit = caller.limits.lemur_per_min or services.options.lemur_per_min
    with services.engine.begin() as conn:
        admission = admit(conn, new, limit)
        # One that is deleted from now on takes the answer with it.
        if not hold_lemur_sources(conn, wire.source_ids):
            raise TranscriptNotFound
        return admission


def _chars_at_once(services: ApiServices, task: Task, writer: LlmWriter | None) -> int:
    """How much of the text the model is to read at a time; RequestInvalid where that is nothing."""
    max_chars = chars_at_once(task, services.options.llm_window_tokens)
    if writer is not None and not max_chars:
        raise RequestInvalid(TOO_LONG)
    return max_chars


def _answer_task(
    task: Task, sources: list[Source], writer: LlmWriter | None, budget: Budget, max_chars: int
) -> Answered:
    if writer is None:
        return extract_answer(task, sources)
    try:
        return write_answer(task, sources, writer, budget, max_chars=max_chars)
    except LlmFailed as error:
        logger.warning("lemur_without_llm", extra={"kind": task.kind, "reason": str(error)})
        if isinstance(error, LlmRequestTooLong):
            raise RequestInvalid(TOO_LONG) from error
        raise LanguageModelUnavailable from error


def _count_tokens(services: ApiServices, caller: Principal, budget: Budget) -> None:
    """Count what a language model took on the way to no answer."""
    if used := budget.meter.take():
        with services.engine.begin() as conn:
            owner = UsageOwner(caller.project_id, caller.key_id)
            record_all_tokens(conn, owner, used, services.clock())


def _keep(services: ApiServices, caller: Principal, body: LemurBody, budget: Budget) -> None:
    """Store the answer and what it took; TranscriptNotFound where a transcript went meanwhile."""
    with services.engine.begin() as conn:
        owner = UsageOwner(caller.project_id, caller.key_id)
        record_all_tokens(conn, owner, budget.meter.take(), services.clock())
        is_kept = save_lemur_answer(conn, body.request_id, body.model_dump(mode="json"))
    if not is_kept:
        raise TranscriptNotFound
