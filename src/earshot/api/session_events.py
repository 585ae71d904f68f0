"""Watching a live session: its turns as Server-Sent Events, for caption screens."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from earshot.accounts.tokens import Scope, TokenTerms, check_token, create_token
from earshot.api.auth import Caller
from earshot.api.bodies import ERROR_RESPONSES, ErrorBody
from earshot.api.live_services import RunningSession
from earshot.api.services import ApiServices, Services
from earshot.api.viewers import Viewers
from earshot.errors import KeyInvalid, LiveSessionNotFound, OperatorError, TokenExpired
from earshot.storage.database import map_database_errors, reading

logger = logging.getLogger(__name__)

router = APIRouter(tags=["Live"])

LONGEST_SESSION_S = 10_800  # "3 h max": a screen may be opened again until the end
LOOK_S: Final = 10.0  # how long a screen goes on whose token's key was revoked
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    **ERROR_RESPONSES,
    404: {
        "model": ErrorBody,
        "description": "No live session of that id goes on in this process.",
    },
}
EVENTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
        "description": "The messages, each as an event of its type.",
    }
}
ViewerToken = Annotated[str, Query(description="What the session's `viewer-token` answered.")]


class ViewerTokenBody(BaseModel):
    """A token that opens the events of one session, and nothing else."""

    token: str
    expires_in_seconds: int


@router.post(
    "/v3/sessions/{session_id}/viewer-token",
    summary="Make a token to watch a live session with",
    responses=RESPONSES,
)
def make_viewer_token(session_id: str, services: Services, caller: Caller) -> ViewerTokenBody:
    session = _find(services, session_id)
    if session.project_id != caller.project_id:
        raise LiveSessionNotFound
    terms = TokenTerms(LONGEST_SESSION_S, Scope.VIEWER, session_id=session_id)
    with services.engine.begin() as conn:
        token = create_token(conn, caller.key_id, terms, services.clock())
    return ViewerTokenBody(token=token, expires_in_seconds=LONGEST_SESSION_S)


@router.get(
    "/v3/sessions/{session_id}/events",
    summary="Watch a live session",
    response_class=StreamingResponse,
    responses={**RESPONSES, **EVENTS},
)
async def watch_session(
    session_id: str, services: Services, token: ViewerToken = ""
) -> StreamingResponse:
    """The session's messages as Server-Sent Events, from its last turns until it ends."""
    await run_in_threadpool(_require_viewer, services, session_id, token)
    viewers = _find(services, session_id).viewers
    events = watch_while_admitted(services, viewers, session_id, token)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def watch_while_admitted(
    services: ApiServices, viewers: Viewers, session_id: str, token: str, look_s: float = LOOK_S
) -> AsyncIterator[str]:
    """What one screen reads, until the session ends, or the key that made the token is revoked.

    A database that is away ends nobody's watching.
    """
    loop = asyncio.get_running_loop()
    looked_s = loop.time()
    async with aclosing(viewers.watch(look_s)) as events:
        async for event in events:
            if loop.time() - looked_s >= look_s:
                looked_s = loop.time()
                if not await run_in_threadpool(_may_go_on, services, session_id, token):
                    return
            yield event


def _may_go_on(services: ApiServices, session_id: str, token: str) -> bool:
    try:
        with map_database_errors():
            _require_viewer(services, session_id, token)
    except KeyInvalid:
        return False
    except TokenExpired:  # it was good when the screen was opened
        return True
    except OperatorError:
        logger.warning("viewer_not_checked", extra={"session_id": session_id})
    return True


def _require_viewer(services: ApiServices, session_id: str, token: str) -> None:
    with reading(services.engine) as conn:
        found = check_token(conn, token, Scope.VIEWER, services.clock())
    if found.session_id != session_id:
        raise KeyInvalid


def _find(services: ApiServices, session_id: str) -> RunningSession:
    session = services.live and services.live.sessions.find(session_id)
    if not session:
        raise LiveSessionNotFound
    return session
