"""Watching a live session: its turns as Server-Sent Events, for caption screens."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from earshot.accounts.tokens import Scope, TokenTerms, check_token, create_token
from earshot.api.auth import Caller
from earshot.api.bodies import ERROR_RESPONSES
from earshot.api.live_services import RunningSession
from earshot.api.services import ApiServices, Services
from earshot.errors import KeyInvalid, LiveSessionNotFound
from earshot.storage.database import reading

router = APIRouter(tags=["Live"])

LONGEST_SESSION_S = 10_800  # "3 h max": a screen may be opened again until the end
RESPONSES = {
    **ERROR_RESPONSES,
    404: {"description": "No live session of that id goes on in this process."},
}


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
    responses=RESPONSES,
)
async def watch_session(
    session_id: str, services: Services, token: Annotated[str, Query()] = ""
) -> StreamingResponse:
    """The session's messages as Server-Sent Events, from its last turns until it ends."""
    await run_in_threadpool(_require_viewer, services, session_id, token)
    events = _find(services, session_id).viewers.watch()
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


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
