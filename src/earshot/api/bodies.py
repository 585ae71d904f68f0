"""Bodies in and out: bounded bytes, JSON objects, JSON answers."""

import json
from typing import Annotated, Any, Final, Never

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from earshot.api.services import Services
from earshot.errors import BodyTooLarge, RequestInvalid

INVALID_JSON: Final = "Invalid JSON"


class ErrorBody(BaseModel):
    """What every error answers."""

    error: str


ERROR_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": ErrorBody, "description": "The request breaks a rule; `error` says which."},
    401: {"model": ErrorBody, "description": "No key, or one that opens nothing."},
    500: {"model": ErrorBody, "description": "A fault of this server."},
    503: {"model": ErrorBody, "description": "The database is not available right now."},
}


async def read_body(request: Request, services: Services) -> bytes:
    """The whole body, whatever its type is said to be; BodyTooLarge over the limit."""
    max_bytes = services.options.body_max_bytes
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise BodyTooLarge(max_bytes)
    return bytes(body)


Body = Annotated[bytes, Depends(read_body)]


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object in the body; NaN and Infinity are no JSON."""
    try:
        parsed = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RequestInvalid(INVALID_JSON) from error
    if not isinstance(parsed, dict):
        raise RequestInvalid("Request body must be a JSON object")
    return parsed


def json_answer(body: BaseModel) -> Response:
    return Response(body.model_dump_json(by_alias=True), media_type="application/json")


def _refuse_constant(name: str) -> Never:
    raise ValueError(name)
