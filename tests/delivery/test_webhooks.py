import base64
import hashlib
import hmac
import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import pytest
from typing_extensions import override

from earshot.delivery.webhooks import (
    AuthHeader,
    Delivery,
    Verdict,
    Webhook,
    WebhookSender,
    transcript_body,
    verdict_of,
)
from earshot.egress.client import GuardedClient
from earshot.egress.options import EgressOptions
from earshot.transcript.status import TranscriptStatus

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
KEY = b"the key of one project, 32 bytes"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


class Received(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """A customer's endpoint: keeps what was posted, and answers with the next of its statuses."""

    def __init__(self, *statuses: int) -> None:
        self.received: list[Received] = []
        pending = list(statuses)
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                received.append(Received(self.path, headers, body))
                self.send_response(pending.pop(0) if pending else 200)
                self.send_header("Location", "http://169.254.169.254/")
                self.end_headers()

            @override
            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def receive() -> Iterator[Callable[..., Receiver]]:
    started: list[Receiver] = []

    def start(*statuses: int) -> Receiver:
        started.append(Receiver(*statuses))
        return started[-1]

    yield start
    for receiver in started:
        receiver.stop()


def sender(allow: str = "127.0.0.1", now: datetime = NOW) -> WebhookSender:
    return WebhookSender(GuardedClient(), EgressOptions(webhook_allow=(allow,)), lambda: now)


def webhook(url: str, auth_header: AuthHeader | None = None) -> Webhook:
    return Webhook(
        url=url,
        body=transcript_body("abc-1", TranscriptStatus.COMPLETED),
        message_id="abc-1",
        secret=SECRET,
        auth_header=auth_header,
    )


def verify_as_a_receiver(message: Received, key: bytes, now_s: int) -> object:
    """What the Standard Webhooks specification tells a receiver to do, written from its text."""
    message_id = message.headers["webhook-id"]
    timestamp = message.headers["webhook-timestamp"]
    assert abs(now_s - int(timestamp)) < 300
    signed = message_id.encode() + b"." + timestamp.encode() + b"." + message.body
    expected = hmac.digest(key, signed, hashlib.sha256)
    versions = [part.split(",", 1) for part in message.headers["webhook-signature"].split(" ")]
    given = [base64.b64decode(value) for version, value in versions if version == "v1"]
    assert any(hmac.compare_digest(expected, signature) for signature in given)
    return json.loads(message.body)


def test_the_body_is_the_id_and_the_status_and_nothing_else() -> None:
    completed = transcript_body("abc-1", TranscriptStatus.COMPLETED)
    failed = transcript_body("abc-1", TranscriptStatus.ERROR)

    assert completed == b'{"transcript_id":"abc-1","status":"completed"}'
    assert failed == b'{"transcript_id":"abc-1","status":"error"}'


def test_a_receiver_can_verify_what_it_gets(receive: Callable[..., Receiver]) -> None:
    receiver = receive()

    delivery = sender().send(webhook(receiver.url), allow_private=False)

    assert delivery == Delivery(Verdict.DELIVERED, 200)
    [message] = receiver.received
    payload = verify_as_a_receiver(message, KEY, int(NOW.timestamp()))
    assert payload == {"transcript_id": "abc-1", "status": "completed"}
    assert message.headers["content-type"] == "application/json"


def test_the_id_stays_and_the_timestamp_moves_from_attempt_to_attempt(
    receive: Callable[..., Receiver],
) -> None:
    receiver = receive(500, 200)
    later = NOW.replace(second=15)

    first = sender().send(webhook(receiver.url), allow_private=False)
    second = sender(now=later).send(webhook(receiver.url), allow_private=False)

    assert (first.verdict, second.verdict) == (Verdict.RETRY, Verdict.DELIVERED)
    assert [m.headers["webhook-id"] for m in receiver.received] == ["abc-1", "abc-1"]
    stamps = [int(m.headers["webhook-timestamp"]) for m in receiver.received]
    assert stamps[1] - stamps[0] == 10
    for message in receiver.received:
        verify_as_a_receiver(message, KEY, int(later.timestamp()))


def test_the_customers_own_header_comes_along(receive: Callable[..., Receiver]) -> None:
    receiver = receive()

    sender().send(
        webhook(receiver.url, AuthHeader("X-Their-Key", "open sesame")), allow_private=False
    )

    assert receiver.received[0].headers["x-their-key"] == "open sesame"


def test_the_query_of_the_url_arrives_untouched(receive: Callable[..., Receiver]) -> None:
    receiver = receive()
    query = "?customer=1&tag=a%20b&odd=%zz{x}|'&empty=&customer=2"

    sender().send(webhook(receiver.url + query), allow_private=False)

    assert receiver.received[0].path == "/hook" + query


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.DELIVERED),
        (204, Verdict.DELIVERED),
        (299, Verdict.DELIVERED),
        (301, Verdict.RETRY),
        (302, Verdict.RETRY),
        (400, Verdict.REFUSED),
        (404, Verdict.REFUSED),
        (410, Verdict.REFUSED),
        (429, Verdict.REFUSED),
        (500, Verdict.RETRY),
        (503, Verdict.RETRY),
    ],
)
def test_the_status_decides_about_the_next_attempt(
    receive: Callable[..., Receiver], status: int, verdict: Verdict
) -> None:
    receiver = receive(status)

    assert verdict_of(status) is verdict
    assert sender().send(webhook(receiver.url), allow_private=False) == Delivery(verdict, status)
    assert len(receiver.received) == 1  # a redirect is not followed


def test_a_connection_that_fails_is_tried_again(receive: Callable[..., Receiver]) -> None:
    receiver = receive()
    receiver.stop()

    delivery = sender().send(webhook(receiver.url), allow_private=False)

    assert delivery == Delivery(Verdict.RETRY, None)


def test_a_private_address_is_final_without_the_allow_list(
    receive: Callable[..., Receiver],
) -> None:
    receiver = receive()

    refused = sender(allow="").send(webhook(receiver.url), allow_private=False)
    permitted = sender(allow="").send(webhook(receiver.url), allow_private=True)

    assert refused == Delivery(Verdict.REFUSED, None)
    assert permitted == Delivery(Verdict.DELIVERED, 200)
    assert len(receiver.received) == 1


def test_a_metadata_address_is_final_whatever_is_allowed() -> None:
    hook = webhook("http://169.254.169.254/")

    delivery = sender(allow="0.0.0.0/0").send(hook, allow_private=True)

    assert delivery == Delivery(Verdict.REFUSED, None)


@pytest.mark.parametrize("value", ["hidden-value", "hidden-value\r\nX: y"])
def test_neither_logs_nor_reprs_show_a_header_value_a_secret_or_the_query(
    receive: Callable[..., Receiver], caplog: pytest.LogCaptureFixture, value: str
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver = receive(500)
    hook = webhook(receiver.url + "?token=hidden-token", AuthHeader("X-Key", value))

    sender().send(hook, allow_private=False)
    sender(allow="").send(hook, allow_private=False)

    failures = [record for record in caplog.records if record.message == "webhook_failed"]
    assert [vars(failure)["message_id"] for failure in failures] == ["abc-1", "abc-1"]
    shown = repr(hook) + " ".join(str(vars(record)) for record in caplog.records)
    assert "hidden-value" not in shown
    assert SECRET not in shown
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "hidden-token" not in logged
