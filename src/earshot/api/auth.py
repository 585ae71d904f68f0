"""Who a request comes from."""

import logging
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import APIKeyHeader

from earshot.accounts.keys import Principal, authenticate, record_use
from earshot.api.services import ApiServices, Services
from earshot.errors import DatabaseUnavailable, KeyInvalid, StorageFull, TooManyRequests
from earshot.storage.database import map_database_errors, reading

logger = logging.getLogger(__name__)

_header = APIKeyHeader(
    name="Authorization",
    auto_error=False,
    scheme_name="ApiKey",
    description="Your API key, as it is; a `Bearer ` in front of it is ignored.",
)

_BEARER = "bearer "


def find_caller(
    request: Request,
    services: Services,
    authorization: Annotated[str | None, Security(_header)],
) -> Principal:
    """The project whose key is in the header; KeyInvalid where there is none.

    Raises TooManyRequests where the project asks more often than it may.
    """
    secret = key_in(authorization or "")
    if not secret:
        raise KeyInvalid
    now = services.clock()
    with reading(services.engine) as conn:
        principal = authenticate(conn, secret, now)
    if principal.is_use_due:
        record_key_use(services, principal)
    _count_request(request, services, principal)
    return principal


def _count_request(request: Request, services: ApiServices, principal: Principal) -> None:
    limit = principal.limits.requests_per_5_min
    if limit is None:
        return
    wait_s = services.rates.take(principal.project_id, limit, services.clock())
    if wait_s is not None:
        request.state.retry_after_s = wait_s  # for the border, whatever form the answer has
        raise TooManyRequests


def key_in(header: str) -> str:
    """The key in the value of an Authorization header."""
    value = header.strip()
    if value.lower().startswith(_BEARER):
        return value[len(_BEARER) :].strip()
    return value


def record_key_use(services: ApiServices, principal: Principal) -> None:
    """Note that the key was used; that the note fails must not fail the request."""
    try:
        with map_database_errors(), services.engine.begin() as conn:
            record_use(conn, principal, services.clock())
    except (DatabaseUnavailable, StorageFull):
        logger.warning("key_use_not_recorded", extra={"key_id": principal.key_id})


Caller = Annotated[Principal, Security(find_caller)]
