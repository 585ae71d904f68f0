"""The border of a request: whatever goes wrong inside becomes an answer and a line in the log."""

import logging
import time
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from earshot.api.errors import error_response, status_of
from earshot.errors import LanguageModelUnavailable, ServerStopping
from earshot.storage.database import map_database_errors

logger = logging.getLogger(__name__)

# No faults of the program: whoever raises the first has said why in the log.
_WITHOUT_TRACE = (LanguageModelUnavailable, ServerStopping)


class RequestBorder:
    """Answers every error of the application inside, and logs every request.

    The log line holds the path and neither the query nor a header: these carry keys and words.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = time.monotonic()
        answer = _Answer(send, scope)
        try:
            await self._serve(scope, receive, answer)
        finally:
            fields = {
                "method": scope["method"],
                "path": _loggable(scope["path"]),
                "status": answer.status,
                "elapsed_s": round(time.monotonic() - began_s, 3),
            }
            # Health is asked every few seconds by whoever watches: no news.
            level = logging.DEBUG if scope["path"] == "/health" else logging.INFO
            logger.log(level, "request_answered", extra=fields)

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        path = _loggable(scope["path"])
        try:
            with map_database_errors():
                await self._app(scope, receive, answer)
        except ClientDisconnect:
            logger.info("client_gone", extra={"path": path})
        except Exception as error:
            if answer.status is not None:
                raise
            is_ours = status_of(error) >= HTTPStatus.INTERNAL_SERVER_ERROR
            if is_ours and not isinstance(error, _WITHOUT_TRACE):
                logger.exception("request_failed", extra={"path": path})
            await error_response(error)(scope, receive, answer)


def _loggable(path: str) -> str:
    """The path without line breaks and other control characters."""
    return path.encode("unicode_escape").decode("ascii")


class _Answer:
    """The sending side of a request, with the status that went out; None before that.

    Where the state of the request says when to try again, a 429 tells that, and no guess.
    """

    def __init__(self, send: Send, scope: Scope) -> None:
        self._send = send
        self._scope = scope
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            wait_s = self._scope.get("state", {}).get("retry_after_s")
            if wait_s is not None and self.status == HTTPStatus.TOO_MANY_REQUESTS:
                MutableHeaders(scope=message)["Retry-After"] = str(wait_s)
        await self._send(message)
