"""Errors in the form of OpenAI's API, which its SDKs read."""

import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from earshot.api.errors import INTERNAL_ERROR, retry_headers
from earshot.api.problems import INVALID_KEY, problem_status
from earshot.errors import EarshotError, KeyInvalid

# Such as `x-request-id` of every answer: what to look for in the other's logs.
REQUEST_ID_HEADER: Final = "x-request-id"

_TYPE_OF_CALLERS: Final = "invalid_request_error"
_TYPES: Final = {
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error",
    HTTPStatus.UNAUTHORIZED: "authentication_error",
}


class OpenAiFault(BaseModel):
    """What is wrong."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None
    """Stable, for programs; `invalid_api_key` and `model_not_found` as OpenAI calls them."""


class OpenAiErrorBody(BaseModel):
    """What every error of `/v1/audio` answers."""

    error: OpenAiFault


OPENAI_ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": OpenAiErrorBody, "description": description}
    for status, description in {
        400: "The request breaks a rule, or the audio cannot be read.",
        401: "No key, or one that opens nothing.",
        404: "No such model.",
        413: "Too many bytes, or too much audio.",
        415: "No form.",
        429: "Your project has too many requests at once.",
        500: "A fault of this server.",
        503: "Every place is taken, models are being loaded, or the server is being stopped; "
        "or no models are here.",
        507: "No room left; nothing was kept.",
    }.items()
}


def openai_fault(error: Exception) -> OpenAiErrorBody:
    status = problem_status(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return OpenAiErrorBody(error=OpenAiFault(message=INTERNAL_ERROR, type="server_error"))
    is_ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    kind = _TYPES.get(status, "server_error" if is_ours else _TYPE_OF_CALLERS)
    message = INVALID_KEY if isinstance(error, KeyInvalid) else str(error)
    return OpenAiErrorBody(error=OpenAiFault(message=message, type=kind, code=_code_of(error)))


def render_openai_error(error: Exception) -> Response:
    """The answer of `/v1/audio` to whoever met the error."""
    status = problem_status(error)
    return _answer(status, openai_fault(error), retry_headers(error))


def openai_answer(
    status: int, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The same, where no error of ours says so: the caller's fault."""
    fault = OpenAiFault(message=message, type=_TYPE_OF_CALLERS)
    return _answer(status, OpenAiErrorBody(error=fault), headers)


def _answer(status: int, body: OpenAiErrorBody, headers: Mapping[str, str] | None) -> JSONResponse:
    with_id = {**(headers or {}), REQUEST_ID_HEADER: str(uuid.uuid4())}
    return JSONResponse(body.model_dump(), status_code=status, headers=with_id)


def _code_of(error: Exception) -> str | None:
    if isinstance(error, KeyInvalid):
        return "invalid_api_key"
    code = error.code if isinstance(error, EarshotError) else None
    return {"model_unknown": "model_not_found", "request_invalid": None}.get(code or "", code)
