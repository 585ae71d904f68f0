"""`/lemur/v3`: tasks, summaries, questions and things to do, of transcripts that are finished."""

import logging
import re
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from earshot.accounts.keys import Principal
from earshot.accounts.usage import UsageOwner, record_tokens
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
from earshot.errors import (
    LanguageModelUnavailable,
    LemurRequestNotFound,
    LlmFailed,
    RequestInvalid,
    TooManyRequests,
    TranscriptNotCompleted,
    TranscriptNotFound,
)
from earshot.llm.client import Budget
from earshot.llm.prose import CHARS_PER_TOKEN, LlmWriter
from earshot.storage.database import empty_log, reading
from earshot.storage.lemur import (
    NewLemurRequest,
    find_lemur_answer,
    purge_lemur_request,
    save_lemur_answer,
)
from earshot.storage.results import find_result
from earshot.transcript.sentences import split_sentences
from earshot.transcript.status import TranscriptStatus
from earshot.understanding.answering.extractive import extract_answer
from earshot.understanding.answering.task import Answered, Source, Task
from earshot.understanding.answering.written import write_answer

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/lemur/v3", tags=["LeMUR"], responses=ERROR_RESPONSES)

METHOD_HEADER: Final = "X-Earshot-Method"
_ID: Final = re.compile(r"[0-9A-Za-z-]+")
MAX_TOTAL_MS: Final = 100 * 3_600_000
# Half of what a model reads at once is for the text: the rest is for the request and the answer,
# and for languages in which a token is fewer letters.
WINDOW_SHARE: Final = 0.5

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
def answer_task(services: Services, caller: Caller, body: Body) -> Response:
    """Without a language model the answer says that it was not, and quotes what is near it."""
    wire = TaskParameters.parse(parse_object(body))
    return _answer(services, caller, wire, wire.task)


@router.post(
    "/generate/summary",
    summary="Summarise transcripts",
    responses=_ANSWERS,
    openapi_extra=_documented("SummaryParameters"),
)
def answer_summary(services: Services, caller: Caller, body: Body) -> Response:
    """Without a language model it is made of sentences that were said."""
    wire = SummaryParameters.parse(parse_object(body))
    return _answer(services, caller, wire, wire.task)


@router.post(
    "/generate/question-answer",
    summary="Ask questions about transcripts",
    responses=_ANSWERS,
    openapi_extra=_documented("QuestionAnswerParameters"),
)
def answer_questions(services: Services, caller: Caller, body: Body) -> Response:
    """Without a language model the answers are quotations, with their times."""
    wire = QuestionAnswerParameters.parse(parse_object(body))
    return _answer(services, caller, wire, wire.task)


@router.post(
    "/generate/action-items",
    summary="List what is to be done",
    responses=_ANSWERS,
    openapi_extra=_documented("ActionItemsParameters"),
)
def answer_action_items(services: Services, caller: Caller, body: Body) -> Response:
    """Without a language model it is a list of sentences that sound like it."""
    wire = ActionItemsParameters.parse(parse_object(body))
    return _answer(services, caller, wire, wire.task)


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
    """What was asked is not kept in any case."""
    _require_id(request_id)
    with services.engine.begin() as conn:
        if not purge_lemur_request(conn, request_id, caller.project_id, services.clock()):
            raise LemurRequestNotFound
    empty_log(services.engine)
    return json_answer(
        PurgedBody(request_id=services.new_id(), request_id_to_purge=request_id, deleted=True)
    )


def _answer(
    services: ApiServices, caller: Principal, wire: LemurParameters, task: Task
) -> Response:
    wire.require_one_input()
    writer = _writer_for(services, caller, wire)
    sources = _sources(services, caller, wire)
    with services.turns.turn(caller.project_id):
        request_id = services.new_id()
        admission = _admit(services, caller, request_id, wire)
        if not admission.is_admitted:
            status = HTTPStatus.TOO_MANY_REQUESTS
            return error_answer(status, str(TooManyRequests()), admission.headers)
        answered = _answer_task(services, task, sources, writer)
        body = lemur_body(request_id, task, answered, None if writer is None else writer.model)
        _keep(services, caller, body)
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
        results = []
        for transcript_id in wire.source_ids:
            row = owned_transcript(conn, transcript_id, caller)
            if row.status is not TranscriptStatus.COMPLETED:
                raise TranscriptNotCompleted(row.status, "LeMUR")
            result = find_result(conn, transcript_id)
            if result is None:
                raise TranscriptNotFound  # deleted: what it was about is not there any more
            results.append((transcript_id, result))
    if sum(result.duration_ms for _, result in results) > MAX_TOTAL_MS:
        raise RequestInvalid("transcript_ids must be of at most 100 hours of audio in all")
    # "only the transcript's `text` is given": of a redacted one what is left of it.
    return [Source(split_sentences(one.words), one.text, named) for named, one in results]


def _admit(
    services: ApiServices, caller: Principal, request_id: str, wire: LemurParameters
) -> Admission:
    new = NewLemurRequest(
        request_id, caller.project_id, caller.key_id, services.clock(), wire.source_ids
    )
    limit = caller.limits.lemur_per_min or services.options.lemur_per_min
    with services.engine.begin() as conn:
        return admit(conn, new, limit)


def _answer_task(
    services: ApiServices, task: Task, sources: list[Source], writer: LlmWriter | None
) -> Answered:
    if writer is None:
        return extract_answer(task, sources)
    max_chars = int(services.options.llm_window_tokens * CHARS_PER_TOKEN * WINDOW_SHARE)
    try:
        budget = Budget(services.options.lemur_s)
        return write_answer(task, sources, writer, budget, max_chars=max_chars)
    except LlmFailed as error:
        logger.warning("lemur_without_llm", extra={"kind": task.kind, "reason": str(error)})
        raise LanguageModelUnavailable from error


def _keep(services: ApiServices, caller: Principal, body: LemurBody) -> None:
    """Store the answer and what it took; TranscriptNotFound where a transcript went meanwhile."""
    with services.engine.begin() as conn:
        if body.metadata.model is not None:
            record_tokens(
                conn,
                UsageOwner(caller.project_id, caller.key_id),
                body.metadata.model,
                input_tokens=body.usage.input_tokens,
                output_tokens=body.usage.output_tokens,
                now=services.clock(),
            )
        is_kept = save_lemur_answer(conn, body.request_id, body.model_dump(mode="json"))
    if not is_kept:
        raise TranscriptNotFound
