"""`/v1/chat/completions` and `/v1/models`: the language models of this server, to talk to."""

import logging
import time
from contextlib import ExitStack
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from earshot.accounts.keys import Principal
from earshot.accounts.usage import UsageOwner, record_tokens
from earshot.api.auth import Caller
from earshot.api.bodies import Body, json_answer, parse_object
from earshot.api.chat_stream import METHOD_HEADER, RelayedStream
from earshot.api.gateway import GATEWAY_ERRORS, GatewayErrorBody, GatewayRoute
from earshot.api.schemas.chat import (
    ChatBody,
    ChatParameters,
    ModelBody,
    ModelListBody,
    choice_bodies,
    echo_of,
    parse_chat,
    passed_on,
    usage_body,
)
from earshot.api.services import ApiServices, Services
from earshot.api.waiting import answer_in_thread
from earshot.errors import LanguageModelUnavailable, LlmFailed, OperatorError, RequestInvalid
from earshot.llm.client import Budget, LlmClient, Refusal
from earshot.llm.passing_on import ask_for_all, ask_for_stream, used_for
from earshot.llm.usage import Usage
from earshot.storage.database import map_database_errors

logger = logging.getLogger(__name__)

router = APIRouter(
    prefix="/v1", tags=["LLM gateway"], responses=GATEWAY_ERRORS, route_class=GatewayRoute
)

NONE_SET_UP: Final = "No language model is set up on this server for your project"
MAX_QUOTED: Final = 500  # characters of what an endpoint says against a request
_EVENTS: Final[dict[str, Any]] = {"text/event-stream": {"schema": {"type": "string"}}}


@router.post(
    "/chat/completions",
    summary="Talk to a language model",
    responses={
        200: {"model": ChatBody, "content": _EVENTS, "description": "The answer."},
        503: {"model": GatewayErrorBody, "description": "The language model did not answer."},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/ChatParameters"}}
            },
        }
    },
)
async def complete(request: Request, services: Services, caller: Caller, body: Body) -> Response:
    """Put to the model that stands behind the name, and not kept here. With `stream`, events."""
    models = services.language_models
    budget = Budget(0.0 if models is None else models.timeout_s)
    answer = partial(_answer, services, caller, body, budget)
    return await answer_in_thread(request, budget, answer)


def _answer(services: ApiServices, caller: Principal, body: bytes, budget: Budget) -> Response:
    raw = parse_object(body)
    wire = parse_chat(raw)
    asked = passed_on(wire, raw)
    client = _client_for(services, caller, wire)
    if wire.stream:
        return _stream(services, caller, client, wire, asked, budget)
    return _complete(services, caller, client, wire, asked, budget)


@router.get("/models", summary="List language models", responses={200: {"model": ModelListBody}})
def list_models(services: Services, caller: Caller) -> Response:
    """The names by which your project may ask for one; none where none is set up."""
    models = services.language_models
    names = () if models is None else models.models_of(caller.project_name)
    return json_answer(ModelListBody(data=[ModelBody(id=name) for name in names]))


def _client_for(services: ApiServices, caller: Principal, wire: ChatParameters) -> LlmClient:
    models = services.language_models
    client = None if models is None else models.client_of(caller.project_name, wire.model)
    if client is None:
        raise RequestInvalid(NONE_SET_UP)
    return client


def answer_whole(
    services: ApiServices,
    owner: UsageOwner,
    client: LlmClient,
    wire: ChatParameters,
    asked: dict[str, Any],
    budget: Budget,
) -> ChatBody:
    """What the model says, in the gateway's form; what it took is counted. Blocks.

    Raises LanguageModelUnavailable; RequestInvalid where the model refuses the request.
    """
    began_ns = time.monotonic_ns()
    try:
        come = ask_for_all(client, asked, budget)
    except LlmFailed as error:
        raise _unavailable(error) from error
    if isinstance(come, Refusal):
        raise _refused(come)
    used = used_for(asked, come)
    _record(services, owner, client, used)
    try:
        choices = choice_bodies(come["choices"])
    except (LookupError, TypeError, AttributeError, ValidationError) as error:
        logger.warning("llm_answer_has_no_choices", extra={"endpoint": client.name})
        raise LanguageModelUnavailable from error
    request_id = services.new_id()
    return ChatBody(
        request_id=request_id,
        choices=choices,
        request=echo_of(wire),
        usage=usage_body(used),
        http_status_code=HTTPStatus.OK,
        response_time=time.monotonic_ns() - began_ns,
        llm_status_code=HTTPStatus.OK,
        id=request_id,
        created=int(services.clock().timestamp()),
        model=client.model,
    )


def _complete(
    services: ApiServices,
    caller: Principal,
    client: LlmClient,
    wire: ChatParameters,
    asked: dict[str, Any],
    budget: Budget,
) -> Response:
    with services.turns.turn(caller.project_id):
        answer = answer_whole(services, _owner(caller), client, wire, asked, budget)
    answered = json_answer(answer)
    answered.headers[METHOD_HEADER] = f"llm:{client.name}"
    return answered


def _stream(
    services: ApiServices,
    caller: Principal,
    client: LlmClient,
    wire: ChatParameters,
    asked: dict[str, Any],
    budget: Budget,
) -> Response:
    """The events as they come: begun before anything is answered, so that an error can be one."""
    with ExitStack() as stack:
        stack.enter_context(services.turns.turn(caller.project_id))
        try:
            come = ask_for_stream(client, asked, budget, tells_usage=wire.tells_usage)
        except LlmFailed as error:
            raise _unavailable(error) from error
        if isinstance(come, Refusal):
            raise _refused(come)
        stack.callback(lambda: _record(services, _owner(caller), client, come.usage))
        stack.callback(come.close)
        held = stack.pop_all()
    return RelayedStream(come, budget, held, f"llm:{client.name}")


def _owner(caller: Principal) -> UsageOwner:
    return UsageOwner(caller.project_id, caller.key_id)


def _record(services: ApiServices, owner: UsageOwner, client: LlmClient, used: Usage) -> None:
    """Count what was used; an answer that a model has given is not lost where that fails."""
    try:
        with map_database_errors(), services.engine.begin() as conn:
            record_tokens(
                conn,
                owner,
                client.model,
                input_tokens=used.input_tokens,
                output_tokens=used.output_tokens,
                now=services.clock(),
            )
    except OperatorError:
        fields = {"key_id": owner.key_id, "input_tokens": used.input_tokens}
        logger.warning("chat_usage_not_recorded", extra=fields)


def _unavailable(error: LlmFailed) -> LanguageModelUnavailable:
    logger.warning("chat_without_llm", extra={"reason": str(error)})
    return LanguageModelUnavailable()


def _refused(refusal: Refusal) -> RequestInvalid:
    said = refusal.complaint[:MAX_QUOTED] or f"status {refusal.status}"
    return RequestInvalid(f"The language model refused the request: {said}")
