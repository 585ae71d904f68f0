"""Routes whose errors have another form than those of `/v2`, our own faults included."""

import logging
from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from typing_extensions import override

from earshot.api.errors import INTERNAL_ERROR, retry_headers, status_of
from earshot.errors import (
    AudioTooLong,
    AudioTooShort,
    AudioTruncated,
    AudioUnreadable,
    ClipTooLong,
    KeyInvalid,
    PlacesTaken,
    UploadTooLarge,
)
from earshot.storage.database import map_database_errors

logger = logging.getLogger(__name__)

INVALID_KEY: Final = "Invalid API key"
MEDIA_TYPE: Final = "application/problem+json"

# What the compatible API calls them; others are called by their status.
_TITLES: Final[dict[type[Exception], str]] = {
    AudioUnreadable: "Bad Audio",
    AudioTruncated: "Bad Audio",
    AudioTooShort: "Audio Too Short",
    AudioTooLong: "Audio Too Large",
    ClipTooLong: "Audio Too Large",
    UploadTooLarge: "Audio Too Large",
    PlacesTaken: "Capacity Exceeded",
}
_TITLES_OF_STATUS: Final = {
    HTTPStatus.GATEWAY_TIMEOUT: "Inference Timeout",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Inference Error",
}


class ProblemBody(BaseModel):
    """What is wrong (RFC 9457)."""

    status: int
    """That of the answer."""
    title: str
    """What kind of problem it is: the same words each time."""
    detail: str
    """A sentence about this one."""


def render_problem(error: Exception) -> Response:
    """The answer of the sync API to whoever met the error."""
    status = problem_status(error)
    detail = INTERNAL_ERROR if status is HTTPStatus.INTERNAL_SERVER_ERROR else str(error)
    title = _TITLES.get(type(error)) or _TITLES_OF_STATUS.get(status) or status.phrase
    detail = INVALID_KEY if isinstance(error, KeyInvalid) else detail
    return _problem(status, title, detail, retry_headers(error))


def problem_answer(
    status: int, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The same, where no error of ours says so."""
    return _problem(status, HTTPStatus(status).phrase, message, headers)


def _problem(
    status: int, title: str, detail: str, headers: Mapping[str, str] | None
) -> JSONResponse:
    body = ProblemBody(status=status, title=title, detail=detail)
    return JSONResponse(
        body.model_dump(), status_code=status, headers=headers, media_type=MEDIA_TYPE
    )


def problem_status(error: Exception) -> HTTPStatus:
    """As elsewhere, but for a recording over 10 h, which is none of a job here."""
    if isinstance(error, AudioTooLong):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return status_of(error)


def route_with_errors(render: Callable[[Exception], Response]) -> type[APIRoute]:
    """A kind of route that answers every error of its own as `render` does, and logs our faults."""

    class RouteWithErrors(APIRoute):
        @override
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def answer(request: Request) -> Response:
                try:
                    with map_database_errors():
                        return await handle(request)
                except (ClientDisconnect, HTTPException):
                    raise  # nobody is there to be answered, or the framework's own refusal
                except Exception as error:
                    answer = render(error)
                    if answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
                        logger.exception("request_failed", extra={"path": self.path})
                    return answer

            return answer

    return RouteWithErrors


PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
    }
    for status, description in {
        400: "The request breaks a rule, or the audio cannot be read.",
        401: "No key, or one that opens nothing.",
        413: "Too many bytes, or too much audio.",
        415: "No form.",
        429: "Your project has too many requests at once.",
        500: "A fault of this server.",
        503: "Every place is taken, models are being loaded, or the server is being stopped; "
        "or no models are here.",
        504: "Not ready in time.",
        507: "No room left; nothing was kept.",
    }.items()
}
