"""Telling the caller what was said in a live session, once it has ended."""

import sqlalchemy as sa

from earshot.accounts.projects import webhook_secret
from earshot.delivery.webhooks import AuthHeader, Verdict, Webhook, WebhookSender
from earshot.errors import ProjectNotFound
from earshot.storage.live_sessions import (
    LiveSessionRow,
    find_live_session,
    record_session_webhook,
    scrub_live_session,
)


class SessionNotification:
    """Sends the webhooks of live sessions, and keeps nothing of what was said thereafter."""

    def __init__(self, engine: sa.Engine, sender: WebhookSender) -> None:
        self._engine = engine
        self._sender = sender

    def deliver(self, session_id: str) -> Verdict | None:
        """Make one attempt; None where there is no such session."""
        with self._engine.begin() as connection:
            row = find_live_session(connection, session_id)
            if row is None:
                return None
            if row.webhook_url is None or row.webhook_body is None:
                return Verdict.REFUSED
            try:
                secret = webhook_secret(connection, row.project_id)
            except ProjectNotFound:  # deleted: nobody is told any more
                return Verdict.REFUSED
        webhook = _webhook(row, row.webhook_url, row.webhook_body, secret)
        delivery = self._sender.send(webhook, allow_private=row.allows_private_hosts)
        with self._engine.begin() as connection:
            if delivery.status_code is not None:
                record_session_webhook(connection, session_id, delivery.status_code)
            if delivery.verdict is not Verdict.RETRY:
                scrub_live_session(connection, session_id)
        return delivery.verdict


def _webhook(row: LiveSessionRow, url: str, body: str, secret: str) -> Webhook:
    name, value = row.webhook_auth_header_name, row.webhook_auth_header_value
    return Webhook(
        url=url,
        body=body.encode(),
        message_id=row.id,
        secret=secret,
        auth_header=AuthHeader(name, value) if name and value else None,
    )
