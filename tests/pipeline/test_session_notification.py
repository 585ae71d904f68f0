import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from earshot.accounts.keys import create_key
from earshot.delivery.webhooks import Verdict, WebhookSender
from earshot.egress.client import GuardedClient
from earshot.egress.options import EgressOptions
from earshot.pipeline.session_notification import SessionNotification
from earshot.storage.database import reading
from earshot.storage.live_sessions import LiveSessionRow, find_live_session, insert_live_session
from earshot.storage.projects import mark_project_deleted
from earshot.transcript.clock import utc_now
from tests.receiver import Receiver

BODY = json.dumps({"session_id": "s", "messages": []})


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with closing(Receiver(tmp_path)) as receiver:
        yield receiver


def store(engine: sa.Engine, url: str | None, *, allows_private_hosts: bool = True) -> None:
    now = utc_now()
    with engine.begin() as conn:
        key = create_key(conn, "phone", "law", now).row
        row = LiveSessionRow(
            "s",
            key.project_id,
            key.id,
            now,
            now,
            1000,
            1000,
            allows_private_hosts=allows_private_hosts,
            webhook_url=url,
            webhook_auth_header_name="X-Own",
            webhook_auth_header_value="abc",
            webhook_body=None if url is None else BODY,
        )
        insert_live_session(conn, row)


def deliver(engine: sa.Engine) -> Verdict | None:
    sender = WebhookSender(GuardedClient(), EgressOptions(), utc_now)
    return SessionNotification(engine, sender).deliver("s")


def kept(engine: sa.Engine) -> tuple[str | None, int | None]:
    with reading(engine) as conn:
        row = find_live_session(conn, "s")
    assert row is not None
    return row.webhook_body, row.webhook_status_code


def test_the_receiver_is_told_the_turns_and_nothing_of_them_is_kept(
    engine: sa.Engine, receiver: Receiver
) -> None:
    store(engine, f"{receiver.url}/hook?a=1")
    assert deliver(engine) is Verdict.DELIVERED
    (post,) = receiver.posts
    assert (post.path, post.body.decode()) == ("/hook?a=1", BODY)
    assert post.headers["X-Own"] == "abc"
    assert kept(engine) == (None, 200)
    assert deliver(engine) is Verdict.REFUSED


def test_what_is_tried_again_is_kept_until_then(engine: sa.Engine, receiver: Receiver) -> None:
    store(engine, receiver.url)
    receiver.status = 503
    assert deliver(engine) is Verdict.RETRY
    assert kept(engine) == (BODY, 503)
    receiver.status = 410
    assert deliver(engine) is Verdict.REFUSED
    assert kept(engine) == (None, 410)


def test_an_address_of_this_machine_needs_a_caller_of_this_machine(
    engine: sa.Engine, receiver: Receiver
) -> None:
    store(engine, receiver.url, allows_private_hosts=False)
    assert deliver(engine) is Verdict.REFUSED
    assert receiver.posts == []


def test_a_session_without_a_webhook_and_no_session_are_told_apart(engine: sa.Engine) -> None:
    assert deliver(engine) is None
    store(engine, None)
    assert deliver(engine) is Verdict.REFUSED


def test_a_receiver_of_a_deleted_project_is_told_nothing(
    engine: sa.Engine, receiver: Receiver
) -> None:
    store(engine, receiver.url)
    with engine.begin() as conn:
        session = find_live_session(conn, "s")
        assert session is not None
        mark_project_deleted(conn, session.project_id, utc_now())
    assert deliver(engine) is Verdict.REFUSED
    assert receiver.posts == []
