import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from typing_extensions import override

from earshot.accounts.media_links import opens
from earshot.accounts.projects import webhook_secret
from earshot.delivery.webhooks import Verdict, WebhookSender
from earshot.egress.client import GuardedClient
from earshot.egress.options import EgressOptions
from earshot.pipeline.notification import Notification
from earshot.storage.erasure import redacted_prefix
from earshot.storage.projects import find_project, mark_project_deleted
from earshot.storage.transcripts import scrub_transcript
from earshot.transcript.options import (
    RedactedAudioOptions,
    RedactionOptions,
    TranscriptOptions,
)
from tests.pipeline.conftest import World


class Receiver(ThreadingHTTPServer):
    """A customer's endpoint that answers `status` and keeps what it was told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.status = 200
        self.told: list[tuple[dict[str, Any], dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Hook(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.told.append((body, {k.lower(): v for k, v in self.headers.items()}))
        self.send_response(self.server.status)
        self.end_headers()

    @override
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def deliver(world: World, transcript_id: str, message_index: int = 0) -> Verdict | None:
    sender = WebhookSender(GuardedClient(), EgressOptions(), world.clock)
    notification = Notification(world.engine, world.media, sender, world.clock)
    return notification.deliver(transcript_id, message_index)


def test_the_receiver_is_told_id_and_status_signed_and_with_its_own_header(
    world: World, receiver: Receiver
) -> None:
    transcript_id = world.completed(
        webhook_url=receiver.url,
        webhook_auth_header_name="X-Hook",
        webhook_auth_header_value="open sesame",
        allows_private_hosts=True,
    )
    assert deliver(world, transcript_id) is Verdict.DELIVERED
    ((body, headers),) = receiver.told
    assert body == {"transcript_id": transcript_id, "status": "completed"}
    assert headers["x-hook"] == "open sesame"
    assert headers["webhook-id"] == transcript_id
    assert headers["webhook-signature"].startswith("v1,")
    assert world.row(transcript_id).webhook_status_code == 200


def test_the_last_answer_is_on_the_record(world: World, receiver: Receiver) -> None:
    transcript_id = world.completed(webhook_url=receiver.url, allows_private_hosts=True)
    receiver.status = 503
    assert deliver(world, transcript_id) is Verdict.RETRY
    assert world.row(transcript_id).webhook_status_code == 503
    receiver.status = 410
    assert deliver(world, transcript_id) is Verdict.REFUSED
    assert world.row(transcript_id).webhook_status_code == 410


def test_no_answer_leaves_the_one_before_on_the_record(world: World, receiver: Receiver) -> None:
    transcript_id = world.completed(webhook_url=receiver.url, allows_private_hosts=True)
    receiver.status = 500
    deliver(world, transcript_id)
    receiver.shutdown()
    receiver.server_close()
    assert deliver(world, transcript_id) is Verdict.RETRY
    assert world.row(transcript_id).webhook_status_code == 500


def test_an_address_of_this_machine_is_refused_unless_the_request_came_from_it(
    world: World, receiver: Receiver
) -> None:
    transcript_id = world.completed(webhook_url=receiver.url)
    assert deliver(world, transcript_id) is Verdict.REFUSED
    assert receiver.told == []
    assert world.row(transcript_id).webhook_status_code is None


def test_nobody_is_told_of_what_was_deleted_has_no_webhook_or_never_was(
    world: World, receiver: Receiver
) -> None:
    deleted = world.completed(webhook_url=receiver.url, allows_private_hosts=True)
    with world.engine.begin() as conn:
        scrub_transcript(conn, deleted, world.clock())
    for transcript_id in (deleted, world.completed(), "no such id"):
        assert deliver(world, transcript_id) is Verdict.REFUSED
    assert receiver.told == []


def test_nobody_is_told_of_a_project_that_is_being_deleted_nor_is_its_secret_made_again(
    world: World, receiver: Receiver
) -> None:
    transcript_id = world.completed(webhook_url=receiver.url, allows_private_hosts=True)
    with world.engine.begin() as conn:
        webhook_secret(conn, world.project_id)
        mark_project_deleted(conn, world.project_id, world.clock())
    assert [deliver(world, transcript_id, index) for index in (0, 1)] == [Verdict.REFUSED, None]
    with world.engine.begin() as conn:
        project = find_project(conn, world.project_id)
    assert project is not None
    assert project.webhook_secret is None
    assert receiver.told == []


def redacted(world: World, receiver: Receiver) -> str:
    """A completed transcript for which redacted audio was asked for."""
    audio = RedactedAudioOptions("wav", base_url="https://here.example")
    options = TranscriptOptions(redaction=RedactionOptions(("date",), audio=audio))
    return world.completed(options=options, webhook_url=receiver.url, allows_private_hosts=True)


def test_of_redacted_audio_the_receiver_is_told_first(world: World, receiver: Receiver) -> None:
    transcript_id = redacted(world, receiver)
    told = [deliver(world, transcript_id, index) for index in range(3)]
    assert told == [Verdict.DELIVERED, Verdict.DELIVERED, None]
    (audio, its_headers), (body, headers) = receiver.told
    assert audio.keys() == {"status", "redacted_audio_url"}  # "no transcript_id in the schema"
    assert audio["status"] == "redacted_audio_ready"
    assert body == {"transcript_id": transcript_id, "status": "completed"}
    assert its_headers["webhook-id"] != headers["webhook-id"]
    url = urlsplit(audio["redacted_audio_url"])
    assert f"{url.scheme}://{url.netloc}" == "https://here.example"
    with world.engine.begin() as conn:
        secret = webhook_secret(conn, world.project_id)
    assert opens(secret, url.path, dict(parse_qsl(url.query)), world.clock())


def test_of_redacted_audio_that_is_not_there_nobody_is_told(
    world: World, receiver: Receiver
) -> None:
    transcript_id = redacted(world, receiver)
    world.media.delete_prefix(redacted_prefix(transcript_id))
    told = [deliver(world, transcript_id, index) for index in range(3)]
    assert told == [Verdict.REFUSED, Verdict.DELIVERED, None]
    ((body, _),) = receiver.told
    assert body["transcript_id"] == transcript_id


def test_a_transcript_without_redacted_audio_is_one_message(
    world: World, receiver: Receiver
) -> None:
    transcript_id = world.completed(webhook_url=receiver.url, allows_private_hosts=True)
    assert deliver(world, transcript_id, 1) is None
    assert deliver(world, "no such id", 1) is None
    assert receiver.told == []
