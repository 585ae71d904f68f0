"""The errors of `/v1`: the compatible API has other bodies for them there than elsewhere.

Documented is `{"error": {"code", "message", "metadata"}}`; what its own client reads are `message`
and `metadata` beside it, and a `request_id`. Every error answers both.
"""

import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from earshot.api.errors import INTERNAL_ERROR, retry_headers, status_of
from earshot.api.problems import route_with_errors
from earshot.errors import TranscriptNotFound


class GatewayFault(BaseModel):
    """What is wrong."""

    code: int
    """The status of the answer."""
    message: str
    metadata: dict[str, list[str]]
    """`errors`: a sentence for each thing that is wrong."""


class GatewayErrorBody(BaseModel):
    """What every error of `/v1` answers: the same twice, for clients of either reading."""

    error: GatewayFault
    code: int
    message: str
    metadata: dict[str, list[str]]
    request_id: str


GATEWAY_ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": GatewayErrorBody, "description": "The request breaks a rule."},
    401: {"model": GatewayErrorBody, "description": "No key, or one that opens nothing."},
    404: {"model": GatewayErrorBody, "description": "No such transcript in your project."},
    429: {"model": GatewayErrorBody, "description": "Too many requests at once."},
    500: {"model": GatewayErrorBody, "description": "A fault of this server."},
}


def gateway_status(error: Exception) -> HTTPStatus:
    """As elsewhere, but for what is not there."""
    return HTTPStatus.NOT_FOUND if isinstance(error, TranscriptNotFound) else status_of(error)


def gateway_error(error: Exception) -> JSONResponse:
    """The answer to whoever met the error; of our own faults it tells no more than that."""
    status = gateway_status(error)
    is_ours = status is HTTPStatus.INTERNAL_SERVER_ERROR
    return gateway_answer(status, INTERNAL_ERROR if is_ours else str(error), retry_headers(error))


def gateway_answer(
    status: int, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    metadata = {"errors": [message]}
    body = GatewayErrorBody(
        error=GatewayFault(code=status, message=message, metadata=metadata),
        code=status,
        message=message,
        metadata=metadata,
        request_id=str(uuid.uuid4()),
    )
    return JSONResponse(body.model_dump(), status_code=status, headers=headers)


GatewayRoute = route_with_errors(gateway_error)
"""A route whose errors have this form, our own faults included."""
