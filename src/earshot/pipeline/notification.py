"""Telling the caller that a transcript has ended: from its row to one attempt at its webhook."""

import sqlalchemy as sa

from earshot.accounts.projects import webhook_secret
from earshot.delivery.webhooks import (
    AuthHeader,
    Verdict,
    Webhook,
    WebhookSender,
    transcript_body,
)
from earshot.storage.transcripts import TranscriptRow, find_transcript, record_webhook_status


class Notification:
    """Sends the webhooks of this server's transcripts."""

    def __init__(self, engine: sa.Engine, sender: WebhookSender) -> None:
        self._engine = engine
        self._sender = sender

    def deliver(self, transcript_id: str) -> Verdict:
        """Make one attempt and record the receiver's answer on the transcript."""
        with self._engine.begin() as connection:
            row = find_transcript(connection, transcript_id)
            if row is None or row.webhook_url is None or row.deleted_at is not None:
                return Verdict.REFUSED
            secret = webhook_secret(connection, row.project_id)
        webhook = _webhook(row, row.webhook_url, secret)
        delivery = self._sender.send(webhook, allow_private=row.allows_private_hosts)
        if delivery.status_code is not None:  # "last code": no answer leaves the one before
            with self._engine.begin() as connection:
                record_webhook_status(connection, transcript_id, delivery.status_code)
        return delivery.verdict


def _webhook(row: TranscriptRow, url: str, secret: str) -> Webhook:
    name, value = row.webhook_auth_header_name, row.webhook_auth_header_value
    return Webhook(
        url=url,
        body=transcript_body(row.id, row.status),
        message_id=row.id,
        secret=secret,
        auth_header=AuthHeader(name, value) if name and value else None,
    )
