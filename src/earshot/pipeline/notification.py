"""Telling the caller that a transcript has ended: from its row to one attempt at its webhook."""

from urllib.parse import urlencode

import sqlalchemy as sa

from earshot.accounts.media_links import sign_link
from earshot.accounts.projects import webhook_secret
from earshot.delivery.webhooks import (
    AuthHeader,
    Verdict,
    Webhook,
    WebhookSender,
    redacted_audio_body,
    transcript_body,
)
from earshot.errors import ProjectNotFound
from earshot.storage.erasure import redacted_audio_path, redacted_key
from earshot.storage.media import MediaStore
from earshot.storage.transcripts import TranscriptRow, find_transcript, record_webhook_status
from earshot.transcript.clock import Clock
from earshot.transcript.status import TranscriptStatus


class Notification:
    """Sends the webhooks of this server's transcripts."""

    def __init__(
        self, engine: sa.Engine, media: MediaStore, sender: WebhookSender, clock: Clock
    ) -> None:
        self._engine = engine
        self._media = media
        self._sender = sender
        self._clock = clock

    def deliver(self, transcript_id: str, message_index: int = 0) -> Verdict | None:
        """Make one attempt and record the receiver's answer on the transcript.

        "Two calls, redacted audio first, then transcript"; without redacted audio there is only the
        second, at index 0. None where there is no message of that index.
        """
        with self._engine.begin() as connection:
            row = find_transcript(connection, transcript_id)
            secret = None if row is None else _secret_for(connection, row)
        if row is None or row.webhook_url is None or secret is None:
            return Verdict.REFUSED if message_index == 0 else None
        last_index = 1 if _has_redacted_audio(row) else 0
        if message_index > last_index:
            return None
        if message_index < last_index:
            url = self._redacted_audio_url(row, secret)
            if url is None:
                return Verdict.REFUSED  # it was not made, or is gone: nothing to tell
            body, message_id = redacted_audio_body(url), f"{row.id}-redacted-audio"
        else:
            body, message_id = transcript_body(row.id, row.status), row.id
        webhook = _webhook(row, row.webhook_url, body, message_id, secret)
        delivery = self._sender.send(webhook, allow_private=row.allows_private_hosts)
        if delivery.status_code is not None:  # "last code": no answer leaves the one before
            with self._engine.begin() as connection:
                record_webhook_status(connection, transcript_id, delivery.status_code)
        return delivery.verdict

    def _redacted_audio_url(self, row: TranscriptRow, secret: str) -> str | None:
        """Where the redacted audio of the transcript is, for a day; None where there is none."""
        audio = row.options.redacted_audio
        assert audio is not None
        if not self._media.exists(redacted_key(row.id, audio.form)):
            return None
        path = redacted_audio_path(row.id, audio.form)
        query = urlencode(sign_link(secret, path, self._clock()))
        return f"{audio.base_url}{path}?{query}"


def _secret_for(connection: sa.Connection, row: TranscriptRow) -> str | None:
    """What signs the webhook; None where nobody is to be told: the transcript, or all, is gone."""
    if row.webhook_url is None or row.deleted_at is not None:
        return None
    try:
        return webhook_secret(connection, row.project_id)
    except ProjectNotFound:
        return None


def _has_redacted_audio(row: TranscriptRow) -> bool:
    """Whether there are two messages; it must not change between them."""
    is_asked = row.options.redacted_audio is not None
    return is_asked and row.status is TranscriptStatus.COMPLETED


def _webhook(row: TranscriptRow, url: str, body: bytes, message_id: str, secret: str) -> Webhook:
    name, value = row.webhook_auth_header_name, row.webhook_auth_header_value
    return Webhook(
        url=url,
        body=body,
        message_id=message_id,
        secret=secret,
        auth_header=AuthHeader(name, value) if name and value else None,
    )
