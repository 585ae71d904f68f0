"""One attempt at telling a customer that a transcript has ended."""

import json
import logging
from dataclasses import dataclass, field
from enum import Enum

from earshot.delivery.signature import signature_headers
from earshot.egress.client import ExchangeLimits, GuardedClient, OutboundRequest
from earshot.egress.options import EgressOptions
from earshot.egress.policy import AddressPolicy, parse_allow_list
from earshot.egress.target import host_for_log
from earshot.errors import AddressRefused, NoAnswer
from earshot.transcript.clock import Clock
from earshot.transcript.status import TranscriptStatus

logger = logging.getLogger(__name__)

# "success: 2xx within 10 s": the whole attempt, from the look-up of the name to the status line.
ATTEMPT_TIMEOUT_S = 10.0


class Verdict(Enum):
    """What one attempt means for the next one."""

    DELIVERED = "delivered"
    RETRY = "retry"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class AuthHeader:
    """The header by which the customer's endpoint knows us; its value is a secret."""

    name: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Webhook:
    """One message. `message_id` is the same for every attempt, so that a receiver can tell."""

    url: str
    body: bytes
    message_id: str
    secret: str = field(repr=False)
    auth_header: AuthHeader | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one attempt ended; `status_code` is None where no answer came."""

    verdict: Verdict
    status_code: int | None


def transcript_body(transcript_id: str, status: TranscriptStatus) -> bytes:
    """Exactly what the compatible API posts: the transcript's id and status, none of its text."""
    payload = {"transcript_id": transcript_id, "status": status.value}
    return json.dumps(payload, separators=(",", ":")).encode()


def redacted_audio_body(url: str) -> bytes:
    """What it posts before that, where redacted audio was asked for: no id, as in its schema."""
    payload = {"status": "redacted_audio_ready", "redacted_audio_url": url}
    return json.dumps(payload, separators=(",", ":")).encode()


def verdict_of(status_code: int) -> Verdict:
    """2xx has arrived; 4xx is final; everything else, redirects included, is tried again."""
    if 200 <= status_code < 300:
        return Verdict.DELIVERED
    if 400 <= status_code < 500:
        return Verdict.REFUSED
    return Verdict.RETRY


class WebhookSender:
    """Posts webhooks through the guarded client; redirects are not followed. Blocks up to 10 s."""

    def __init__(self, client: GuardedClient, options: EgressOptions, clock: Clock) -> None:
        self._client = client
        self._allow = parse_allow_list(options.webhook_allow)
        self._clock = clock
        self._limits = ExchangeLimits(
            total_s=ATTEMPT_TIMEOUT_S, connect_s=ATTEMPT_TIMEOUT_S, read_s=ATTEMPT_TIMEOUT_S
        )

    def send(self, webhook: Webhook, *, allow_private: bool) -> Delivery:
        """Make one attempt. It never raises for what the other side does.

        `allow_private` says that this one webhook may reach loopback and private addresses without
        the allow-list. An address that the policy refuses is final: asking again is no remedy.
        """
        policy = AddressPolicy(self._allow, allow_private=allow_private)
        request = self._request_for(webhook)
        try:
            with self._client.open(request, policy=policy, limits=self._limits) as response:
                delivery = Delivery(verdict_of(response.status), response.status)
        except AddressRefused as error:
            _log_failure(webhook, reason=str(error), level=logging.WARNING)
            return Delivery(Verdict.REFUSED, None)
        except NoAnswer as error:
            _log_failure(webhook, reason=str(error), level=logging.INFO)
            return Delivery(Verdict.RETRY, None)
        if delivery.verdict is not Verdict.DELIVERED:
            _log_failure(webhook, reason=f"status {delivery.status_code}", level=logging.INFO)
        return delivery

    def _request_for(self, webhook: Webhook) -> OutboundRequest:
        timestamp_s = int(self._clock().timestamp())
        signed = signature_headers(
            webhook.secret,
            message_id=webhook.message_id,
            timestamp_s=timestamp_s,
            body=webhook.body,
        )
        own = {"Content-Type": "application/json", **signed}
        auth = webhook.auth_header
        theirs = {} if auth is None else {auth.name: auth.value}
        return OutboundRequest(
            url=webhook.url, method="POST", headers=theirs | own, body=webhook.body
        )


def _log_failure(webhook: Webhook, *, reason: str, level: int) -> None:
    fields = {
        "message_id": webhook.message_id,
        "host": host_for_log(webhook.url),
        "reason": reason,
    }
    logger.log(level, "webhook_failed", extra=fields)
