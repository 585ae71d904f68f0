"""Who opens a live session: a key, or a token that stands in for one."""

import logging
from dataclasses import dataclass, field

from earshot.accounts.keys import authenticate
from earshot.accounts.limits import NO_LIMITS, ProjectLimits
from earshot.accounts.tokens import Scope, check_token, claim_token
from earshot.api.auth import key_in, record_key_use
from earshot.api.faults import FaultKind, SessionFault
from earshot.api.services import ApiServices
from earshot.errors import KeyInvalid, OperatorError, TokenExpired, TokenUsed
from earshot.storage.access_tokens import AccessTokenRow
from earshot.storage.api_keys import find_api_key
from earshot.storage.database import map_database_errors, reading
from earshot.storage.projects import find_project

logger = logging.getLogger(__name__)

MISSING = "Unauthorized Connection: Missing Authorization header"
INVALID = "Unauthorized Connection: Invalid API key"


@dataclass(frozen=True, slots=True)
class Admission:
    """For whom a session is counted; `max_session_s` is the token's cap, if it has one."""

    project_id: str
    key_id: str
    max_session_s: int | None = None
    limits: ProjectLimits = NO_LIMITS
    unused: AccessTokenRow | None = field(default=None, compare=False, repr=False)
    """The token, where it is for one session: it is used up when that begins."""


def admit(services: ApiServices, authorization: str, token: str) -> Admission:
    """The project whose key or token it is, in whichever place; else SessionFault. Blocks.

    The session begins with `use_token`.

    "Both Python SDK generations send a temporary token in the Authorization header too."
    """
    secret = key_in(authorization) or key_in(token)
    if not secret:
        raise SessionFault(FaultKind.UNAUTHORIZED, MISSING)
    try:
        with map_database_errors():
            return _admit_key(services, secret) or _admit_token(services, secret)
    except KeyInvalid:
        raise SessionFault(FaultKind.UNAUTHORIZED, INVALID) from None
    except (TokenExpired, TokenUsed) as error:
        raise _unauthorized(error) from None


def use_token(services: ApiServices, admission: Admission) -> None:
    """Use up a token that is for this session alone; SessionFault where another was. Blocks."""
    if admission.unused is None:
        return
    try:
        with map_database_errors(), services.engine.begin() as conn:
            claim_token(conn, admission.unused, services.clock())
    except TokenUsed as error:
        raise _unauthorized(error) from None


def require_live_key(services: ApiServices, admission: Admission) -> None:
    """SessionFault where the key was revoked since, or its project deleted. Blocks.

    A database that is away ends no session.
    """
    try:
        with map_database_errors(), reading(services.engine) as conn:
            key = find_api_key(conn, admission.key_id)
    except OperatorError:
        logger.warning("live_key_not_checked", extra={"key_id": admission.key_id})
        return
    if key is None or key.revoked_at is not None:
        raise SessionFault(FaultKind.UNAUTHORIZED, INVALID)


def _admit_key(services: ApiServices, secret: str) -> Admission | None:
    now = services.clock()
    try:
        with reading(services.engine) as conn:
            principal = authenticate(conn, secret, now)
    except KeyInvalid:
        return None
    if principal.is_use_due:
        record_key_use(services, principal)
    return Admission(principal.project_id, principal.key_id, limits=principal.limits)


def _admit_token(services: ApiServices, secret: str) -> Admission:
    now = services.clock()
    with reading(services.engine) as conn:
        token = check_token(conn, secret, Scope.LIVE, now)
        project = find_project(conn, token.project_id)
    return Admission(
        token.project_id,
        token.key_id,
        token.max_session_s,
        ProjectLimits.load(None if project is None else project.limits),
        unused=token if token.is_single_use else None,
    )


def _unauthorized(error: TokenExpired | TokenUsed) -> SessionFault:
    return SessionFault(FaultKind.UNAUTHORIZED, f"Unauthorized Connection: {error}")
