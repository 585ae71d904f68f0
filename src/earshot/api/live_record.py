"""What stays of a live session: its usage, and the turns for its webhook."""

import json
import logging
from dataclasses import dataclass, field, replace
from datetime import datetime

from earshot.api.live_admission import Admission
from earshot.api.live_plan import SessionWebhook
from earshot.api.schemas.live_messages import JsonObject, turn_message
from earshot.api.services import ApiServices
from earshot.errors import EarshotError
from earshot.storage.database import map_database_errors
from earshot.storage.live_sessions import LiveSessionRow, insert_live_session
from earshot.streaming.events import TurnUpdated

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class SessionRecord:
    """One session, from its beginning to what is stored of it."""

    session_id: str
    admission: Admission
    started_at: datetime
    allows_private_hosts: bool
    webhook: SessionWebhook | None
    turns: dict[int, JsonObject] = field(default_factory=dict, repr=False)

    def keep(self, turn: TurnUpdated) -> None:
        """Keep a turn that ended; "if format_turns, the formatted version" comes second."""
        if self.webhook is not None and turn.is_end:
            self.turns[turn.turn_order] = turn_message(turn)

    def store(self, services: ApiServices, *, audio_ms: int, close_code: int) -> None:
        """Write it down, and the webhook's delivery with it. Blocks; never raises our errors."""
        row = self._row(services.clock(), audio_ms, close_code)
        try:
            with map_database_errors(), services.engine.begin() as conn:
                insert_live_session(conn, row)
                if row.webhook_url is not None:
                    services.jobs.announce(conn, row.id)
        except EarshotError as error:
            fields = {"session_id": row.id, "audio_ms": audio_ms, "error": error.code}
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
