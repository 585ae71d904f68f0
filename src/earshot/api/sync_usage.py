"""Counting what was transcribed while its caller waited, once the answer is out."""

import logging

from starlette.background import BackgroundTask

from earshot.accounts.keys import Principal
from earshot.accounts.usage import Product, UsageOwner, record_audio
from earshot.api.services import ApiServices
from earshot.api.sync_run import SyncRun
from earshot.errors import OperatorError
from earshot.storage.database import map_database_errors

logger = logging.getLogger(__name__)


def counting(services: ApiServices, caller: Principal, run: SyncRun) -> BackgroundTask:
    """To be done after the answer: nobody waits for it, and it fails nobody's request."""
    return BackgroundTask(_count, services, caller, run)


def _count(services: ApiServices, caller: Principal, run: SyncRun) -> None:
    result = run.found()
    if result is None:  # it failed, or was given up
        return
    owner = UsageOwner(caller.project_id, caller.key_id)
    audio_ms = result.duration_ms
    try:
        with map_database_errors(), services.engine.begin() as conn:
            now = services.clock()
            record_audio(conn, owner, Product.SYNC, result.engine, audio_ms=audio_ms, now=now)
    except OperatorError:
        fields = {"key_id": caller.key_id, "audio_ms": audio_ms}
        logger.warning("sync_usage_not_recorded", extra=fields)
