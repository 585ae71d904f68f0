"""Whether the server is up, and whether its models are loaded."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from fastapi import APIRouter, Request
from pydantic import BaseModel

from earshot.api.services import Readiness

logger = logging.getLogger(__name__)
router = APIRouter(tags=["health"])

# However many ask, the database is asked no more often than that,
REFRESH_S: Final = 0.5
# and one that takes longer is not waited for.
PATIENCE_S: Final = 1.0


class HealthBody(BaseModel):
    """The state of the server."""

    status: str
    models: Readiness


class HealthWatch:
    """Remembers the readiness, which it asks for in threads of its own, one at a time.

    The answer stays quick where every thread of the application waits, or the database hangs.
    To be used on one event loop.
    """

    def __init__(
        self,
        readiness: Callable[[], Readiness],
        refresh_s: float = REFRESH_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._readiness = readiness
        self._refresh_s = refresh_s
        self._patience_s = patience_s
        self._asked: Future[Readiness] | None = None
        self._answered_s = 0.0

    async def current(self) -> Readiness:
        """What was found lately; "loading" where it cannot be found out soon."""
        asked = self._asked
        if asked is None or (
            asked.done() and time.monotonic() - self._answered_s >= self._refresh_s
        ):
            asked = self._asked = Future()
            threading.Thread(target=self._ask, args=(asked,), name="health", daemon=True).start()
        # Not wait_for: it would cancel what others wait for, too.
        answered, _ = await asyncio.wait({asyncio.wrap_future(asked)}, timeout=self._patience_s)
        return asked.result() if answered else "loading"

    def _ask(self, asked: Future[Readiness]) -> None:
        found: Readiness = "loading"
        try:
            found = self._readiness()
        except Exception as error:  # noqa: BLE001 - whatever it is, the server itself is up
            logger.warning("readiness_unknown", extra={"error": type(error).__name__})
        self._answered_s = time.monotonic()
        asked.set_result(found)


@router.get("/health", summary="Whether the server is up")
async def health(request: Request) -> HealthBody:
    watch: HealthWatch = request.app.state.health
    return HealthBody(status="ok", models=await watch.current())
