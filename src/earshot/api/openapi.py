"""The description of the API that the server gives of itself."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from earshot.api.problems import ProblemBody
from earshot.api.schemas.admin import NewKeyBody, NewProjectBody, ProjectChangeBody
from earshot.api.schemas.chat import ChatParameters
from earshot.api.schemas.lemur import (
    ActionItemsParameters,
    QuestionAnswerParameters,
    SummaryParameters,
    TaskParameters,
)
from earshot.api.schemas.mavi import MaviRequest
from earshot.api.schemas.speech_understanding import UnderstandingCheck, UnderstandingRequest
from earshot.api.schemas.sync import SyncConfig
from earshot.api.schemas.transcript_request import TranscriptRequest

LIVE: Final = (
    "Live sessions are WebSockets, which OpenAPI has no words for: `/v3/ws`, and `/v2/realtime/ws` "
    "of the first real-time API. They are opened with your key in the `Authorization` header, or "
    "with a temporary token there or as `?token=`; what else they take is in docs/howto/live.md."
)

_REF = "#/components/schemas/{model}"
# What the framework says of every route with parameters. Ours are any text, which we check.
_GUESSED: Final = ("HTTPValidationError", "ValidationError")
_TEMPORARY: Final = ("429", "503")
_ASK_AGAIN: Final = {
    "Retry-After": {"description": "In how many seconds.", "schema": {"type": "integer"}}
}
# These write, all the same: a token, or the secret that a URL is signed with.
_GETS_THAT_STORE: Final = frozenset({"/v3/token", "/v2/transcript/{transcript_id}/redacted-audio"})
_BODIES = (
    TaskParameters,
    SummaryParameters,
    QuestionAnswerParameters,
    ActionItemsParameters,
    ChatParameters,
    TranscriptRequest,
    UnderstandingRequest,
    UnderstandingCheck,
    NewProjectBody,
    ProjectChangeBody,
    NewKeyBody,
    SyncConfig,
    ProblemBody,
    MaviRequest,
)


def describe_api(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of every route, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=f"{app.description}\n\n{LIVE}",
            routes=app.routes,
        )
        _add_request_bodies(document)
        _drop_guesses(document)
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                _add_common_errors(method, path, operation)
        app.openapi_schema = document
    return app.openapi_schema


def _add_request_bodies(document: dict[str, Any]) -> None:
    """Describe the bodies that routes check by themselves, with their own messages."""
    schemas = document["components"]["schemas"]
    for model in _BODIES:
        schema = model.model_json_schema(ref_template=_REF)
        for name, nested in schema.pop("$defs", {}).items():
            schemas.setdefault(name, nested)
        schemas[model.__name__] = schema


def _drop_guesses(document: dict[str, Any]) -> None:
    for operations in document["paths"].values():
        for operation in operations.values():
            if _GUESSED[0] in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    for name in _GUESSED:
        document["components"]["schemas"].pop(name, None)


def _add_common_errors(method: str, path: str, operation: dict[str, Any]) -> None:
    """Describe what any route of its kind may answer, in the form of its own errors."""
    answers: dict[str, dict[str, Any]] = operation["responses"]
    forms = [answers[status]["content"] for status in ("401", "400") if status in answers]
    if not forms:
        return
    for code, description in _common_errors(method, path, operation):
        answers.setdefault(str(int(code)), {"description": description})
    for status, answer in answers.items():
        if int(status) >= HTTPStatus.BAD_REQUEST:
            answer.setdefault("content", forms[0])
        if status in _TEMPORARY:
            answer.setdefault("headers", _ASK_AGAIN)
    operation["responses"] = dict(sorted(answers.items()))


def _common_errors(
    method: str, path: str, operation: dict[str, Any]
) -> Iterator[tuple[HTTPStatus, str]]:
    keys = {name for scheme in operation.get("security", ()) for name in scheme}
    yield HTTPStatus.INTERNAL_SERVER_ERROR, "A fault of this server."
    yield HTTPStatus.SERVICE_UNAVAILABLE, "The database is not available right now."
    if "ApiKey" in keys:
        yield HTTPStatus.TOO_MANY_REQUESTS, "Your project asks more often than it may."
    if "requestBody" in operation:
        yield HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is larger than this server takes."
    if keys and (method != "get" or path in _GETS_THAT_STORE):
        yield HTTPStatus.INSUFFICIENT_STORAGE, "No room left; nothing was kept."
