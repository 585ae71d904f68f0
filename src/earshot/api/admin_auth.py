"""Who may administer: whoever has an admin key. API keys open nothing here."""

import logging
from typing import Annotated

from fastapi import Security
from fastapi.security import APIKeyHeader

from earshot.accounts.admin_keys import (
    are_administrators_known,
    authenticate_admin,
    record_admin_use,
)
from earshot.api.auth import key_in
from earshot.api.services import ApiServices, Services
from earshot.errors import AdminApiOff, DatabaseUnavailable, KeyInvalid, StorageFull
from earshot.storage.database import map_database_errors, reading

logger = logging.getLogger(__name__)

_header = APIKeyHeader(
    name="Authorization",
    auto_error=False,
    scheme_name="AdminKey",
    description="A key made by `earshot admin keys create`; a `Bearer ` in front is ignored.",
)


def find_administrator(
    services: Services, authorization: Annotated[str | None, Security(_header)]
) -> str:
    """The id of the admin key in the header; KeyInvalid, or AdminApiOff where there are none."""
    secret = key_in(authorization or "")
    now = services.clock()
    with reading(services.engine) as conn:
        if not are_administrators_known(conn):
            raise AdminApiOff
        if not secret:
            raise KeyInvalid
        key_id, is_use_due = authenticate_admin(conn, secret, now)
    if is_use_due:
        _record_use(services, key_id)
    return key_id


def _record_use(services: ApiServices, key_id: str) -> None:
    try:
        with map_database_errors(), services.engine.begin() as conn:
            record_admin_use(conn, key_id, services.clock())
    except (DatabaseUnavailable, StorageFull):
        logger.warning("admin_key_use_not_recorded", extra={"key_id": key_id})


Administrator = Annotated[str, Security(find_administrator)]
