"""The web application: routes, and what holds for all of them."""

from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

import earshot
from earshot.api import (
    admin,
    chat,
    docs,
    health,
    lemur,
    mavi,
    openai_audio,
    prerecorded,
    realtime,
    redacted_audio,
    session_events,
    streaming,
    sync,
    tokens,
    transcript_exports,
    understanding,
    uploads,
)
from earshot.api.border import RequestBorder
from earshot.api.error_forms import answer_at
from earshot.api.openapi import describe_api
from earshot.api.services import ApiServices

DESCRIPTION: Final = (
    "Speech to text on this machine, behind the AssemblyAI API. Send your API key in the "
    "`Authorization` header. Times are in milliseconds unless a field says otherwise."
)

RATE_HEADERS: Final = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")

ROUTERS: Final = (
    health.router,
    uploads.router,
    prerecorded.router,
    transcript_exports.router,
    redacted_audio.router,
    understanding.router,
    lemur.router,
    chat.router,
    mavi.router,
    tokens.router,
    streaming.router,
    realtime.router,
    session_events.router,
    admin.router,
    sync.router,
    openai_audio.router,
    docs.router,
)


def create_app(services: ApiServices) -> FastAPI:
    """The application over these services; it starts and stops none of them."""
    app = FastAPI(
        title="Earshot",
        version=earshot.__version__,
        description=DESCRIPTION,
        # The framework's own pages load their scripts from elsewhere; ours is in docs.py.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(
                CORSMiddleware,
                allow_origins=["*"],
                allow_methods=["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
                # Any header: the contract's three, and what else a browser client adds. The key
                # is sent on purpose, never by the browser alone, so nothing is opened by this.
                allow_headers=["*"],
                expose_headers=[
                    "Accept-Ranges",
                    "Content-Range",
                    "Retry-After",
                    "X-Earshot-Method",
                    "X-Earshot-Warnings",
                    *RATE_HEADERS,
                ],
            ),
            Middleware(RequestBorder),
        ],
        exception_handlers={HTTPException: _answer_http_error},
    )
    app.router.default = _answer_no_route
    app.state.services = services
    app.state.health = health.HealthWatch(services.readiness)
    for router in ROUTERS:
        app.include_router(router)
    app.openapi = lambda: describe_api(app)  # type: ignore[method-assign]  # FastAPI's own hook
    return app


async def _answer_no_route(scope: Scope, receive: Receive, send: Send) -> None:
    """A WebSocket is told so too, where the server can: closed, it looks like a wrong key, 403."""
    extensions = scope.get("extensions") or {}
    if scope["type"] == "websocket" and "websocket.http.response" not in extensions:
        await WebSocketClose()(scope, receive, send)
        return
    raise HTTPException(HTTPStatus.NOT_FOUND)


async def _answer_http_error(request: Request, error: Exception) -> Response:
    """The framework's own refusals, in our words: no such route, no such method."""
    assert isinstance(error, HTTPException)
    answer = answer_at(request.url.path)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return answer(error.status_code, "Not found")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "OPTIONS":
        return Response(headers=error.headers)
    return answer(error.status_code, str(error.detail), error.headers)
