"""Ending the live sessions of processes that died, as far as they were written down."""

import logging
from collections.abc import Collection
from threading import Event
from typing import Final

from earshot.accounts.usage import record_live_session
from earshot.api.live_record import lock_name
from earshot.api.services import ApiServices
from earshot.errors import EarshotError
from earshot.jobs.locks import FileLocks, LifeLocks
from earshot.storage.database import map_database_errors, reading
from earshot.storage.live_sessions import end_live_session, open_live_sessions

logger = logging.getLogger(__name__)

ABANDONED_CODE: Final = 1006  # RFC 6455: closed, and nobody said so
# More than a living process takes to hold again what it lost with a connection.
LOOK_S: Final = 15.0


class SessionReaper:
    """Looks for sessions that nobody holds. Each is counted, and its webhook sent, once.

    Others may look at the same time. A lock that can be lost without a death must be missed twice.
    """

    def __init__(self, services: ApiServices, locks: LifeLocks) -> None:
        self._services = services
        self._locks = locks
        self._is_sure_at_once = isinstance(locks, FileLocks)
        self._missed: set[str] = set()

    def run(self, ended: Event) -> None:
        """Look again and again until then. Blocks."""
        while True:
            try:
                self.look()
            except (EarshotError, OSError) as error:
                fields = {"error": error.code if isinstance(error, EarshotError) else repr(error)}
                logger.warning("live_sessions_not_looked_for", extra=fields)
            if ended.wait(LOOK_S):
                return

    def look(self) -> int:
        """End what is abandoned; how many. Blocks."""
        with map_database_errors():
            missing = self._missing()
            abandoned = missing if self._is_sure_at_once else missing & self._missed
            self._missed = missing - abandoned
            self._end(abandoned)
        if abandoned:
            logger.warning("live_sessions_abandoned", extra={"n_sessions": len(abandoned)})
        return len(abandoned)

    def _missing(self) -> set[str]:
        with reading(self._services.engine) as conn:
            names = {lock_name(one): one for one in open_live_sessions(conn)}
        held = self._locks.held(names)
        return {session_id for name, session_id in names.items() if name not in held}

    def _end(self, session_ids: Collection[str]) -> None:
        for session_id in session_ids:
            with self._services.engine.begin() as conn:
                row = end_live_session(conn, session_id, ABANDONED_CODE)
                if row is not None:
                    record_live_session(conn, row)
                if row is not None and row.webhook_url is not None:
                    self._services.jobs.announce(conn, session_id)
            self._locks.discard(lock_name(session_id))
