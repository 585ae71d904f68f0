"""What stays of a live session: its usage, and the turns for its webhook."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock

import sqlalchemy as sa

from earshot.accounts.usage import record_live_session
from earshot.api.live_admission import Admission
from earshot.api.live_plan import SessionWebhook
from earshot.api.schemas.live_messages import (
    JsonObject,
    speaker_revision_message,
    turn_message,
)
from earshot.api.services import ApiServices
from earshot.errors import EarshotError
from earshot.jobs.locks import LifeLocks
from earshot.storage.database import map_database_errors
from earshot.storage.live_sessions import (
    STILL_OPEN,
    LiveSessionRow,
    find_live_session,
    note_live_session,
    save_live_session,
)
from earshot.storage.projects import hold_project
from earshot.streaming.events import SpeakersRevised, TurnUpdated

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class SessionRecord:
    """One session, from its beginning to what is stored of it."""

    session_id: str
    admission: Admission
    started_at: datetime
    allows_private_hosts: bool
    webhook: SessionWebhook | None
    engine: str | None = None
    turns: dict[int, JsonObject] = field(default_factory=dict, repr=False)
    _n_kept: int = 0
    _n_written: int | None = None  # of what was kept
    _is_over: bool = False
    _writing: Lock = field(default_factory=Lock, repr=False)

    def keep(self, turn: TurnUpdated) -> None:
        """Keep a turn that ended; "if format_turns, the formatted version" comes second."""
        if self.webhook is not None and turn.is_end:
            self.turns[turn.turn_order] = turn_message(turn)
            self._n_kept += 1

    def revise(self, revised: SpeakersRevised) -> None:
        """The turns that were kept have the speakers that are known now."""
        for revision in speaker_revision_message(revised)["revisions"]:
            if revision["turn_order"] in self.turns:
                self.turns[revision["turn_order"]] |= revision
                self._n_kept += 1

    def note(self, services: ApiServices, locks: LifeLocks, *, audio_ms: int) -> None:
        """Write down how far it has come, should this process die. Blocks; see `store`."""
        with self._writing, self._reporting(audio_ms):
            if self._is_over:  # the end was written first
                return
            now, n_kept = services.clock(), self._n_kept
            row = self._row(now, audio_ms, STILL_OPEN)
            with map_database_errors():
                locks.renew()
                locks.try_hold(lock_name(self.session_id))  # before anybody can see it open
            with map_database_errors(), services.engine.begin() as conn:
                if n_kept == self._n_written:
                    note_live_session(conn, row.id, audio_ms=audio_ms, now=now)
                else:
                    save_live_session(conn, _as_wanted(conn, row))
            self._n_written = n_kept

    def store(
        self,
        services: ApiServices,
        locks: LifeLocks | None = None,
        *,
        audio_ms: int,
        close_code: int,
    ) -> None:
        """Write it down, and the webhook's delivery with it. Blocks; never raises our errors."""
        row = self._row(services.clock(), audio_ms, close_code)
        with self._writing, self._reporting(audio_ms):
            self._is_over = True
            with map_database_errors(), services.engine.begin() as conn:
                row = _as_wanted(conn, row)
                if not _is_counted(conn, row.id):
                    record_live_session(conn, row)
                save_live_session(conn, row)
                if row.webhook_url is not None:
                    services.jobs.announce(conn, row.id)
            if locks is not None:
                _let_go(locks, row.id)

    @contextmanager
    def _reporting(self, audio_ms: int) -> Iterator[None]:
        try:
            yield
        except (EarshotError, OSError) as error:
            name = error.code if isinstance(error, EarshotError) else repr(error)
            fields = {"session_id": self.session_id, "audio_ms": audio_ms, "error": name}
            logger.error("live_session_not_stored", extra=fields)  # noqa: TRY400 - no news in its trace

    def _row(self, now: datetime, audio_ms: int, close_code: int) -> LiveSessionRow:
        usage = LiveSessionRow(
            id=self.session_id,
            project_id=self.admission.project_id,
            key_id=self.admission.key_id,
            started_at=self.started_at,
            ended_at=now,
            audio_ms=audio_ms,
            close_code=close_code,
            engine=self.engine,
        )
        return usage if self.webhook is None else self._with_webhook(usage, self.webhook)

    def _with_webhook(self, usage: LiveSessionRow, webhook: SessionWebhook) -> LiveSessionRow:
        body = {"session_id": self.session_id, "messages": list(self.turns.values())}
        return replace(
            usage,
            allows_private_hosts=self.allows_private_hosts,
            webhook_url=webhook.url,
            webhook_auth_header_name=webhook.auth_header_name,
            webhook_auth_header_value=webhook.auth_header_value,
            webhook_body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        )


def _as_wanted(conn: sa.Connection, row: LiveSessionRow) -> LiveSessionRow:
    """The row; of a project that was deleted meanwhile nobody is told what was said."""
    if row.webhook_url is None or hold_project(conn, row.project_id):
        return row
    return replace(
        row,
        webhook_url=None,
        webhook_auth_header_name=None,
        webhook_auth_header_value=None,
        webhook_body=None,
    )


def _is_counted(conn: sa.Connection, session_id: str) -> bool:
    """Whether the session was ended already, by somebody who took this process for dead."""
    known = find_live_session(conn, session_id)
    return known is not None and known.close_code != STILL_OPEN


def _let_go(locks: LifeLocks, session_id: str) -> None:
    name = lock_name(session_id)
    locks.discard(name)
    locks.release(name)


def lock_name(session_id: str) -> str:
    """Held by the process that holds the session."""
    return f"live-{session_id}"
