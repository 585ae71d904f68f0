import asyncio
import uuid
from collections.abc import AsyncIterable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from starlette.types import Message, Receive
from typing_extensions import override

from earshot.accounts.projects import require_project
from earshot.api.app import create_app
from earshot.errors import StorageFull
from earshot.storage.database import reading
from earshot.storage.media import MediaStore, open_media_store
from earshot.storage.projects import mark_project_deleted
from earshot.storage.schema import uploads
from earshot.storage.uploads import find_upload
from tests.api.conftest import World


def n_uploads(world: World) -> int:
    with reading(world.services.engine) as conn:
        count: int = conn.execute(sa.select(sa.func.count()).select_from(uploads)).scalar_one()
    return count


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/octet-stream",
        "audio/mpeg",
        "application/json",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "nonsense",
    ],
)
def test_the_bytes_are_stored_as_they_are_whatever_their_type(
    world: World, content_type: str | None
) -> None:
    content = b'--x\r\n{"not": "parsed\x00\xff'
    headers = {} if content_type is None else {"Content-Type": content_type}
    answer = world.client.post("/v2/upload", content=content, headers=headers)
    assert answer.status_code == 200
    assert answer.json().keys() == {"upload_url"}
    upload_id = urlsplit(answer.json()["upload_url"]).path.removeprefix("/upload/")
    assert str(uuid.UUID(upload_id)) == upload_id
    assert world.services.media.get(f"uploads/{upload_id}") == content
    with reading(world.services.engine) as conn:
        row = find_upload(conn, upload_id)
    assert row is not None
    assert row.size_bytes == len(content)
    assert row.used_at is None


def test_the_url_is_on_the_base_that_the_client_used(world: World) -> None:
    answer = world.client.post("/v2/upload", content=b"x", headers={"Host": "speech.local:9000"})
    assert answer.json()["upload_url"].startswith("http://speech.local:9000/upload/")


def test_a_body_may_come_in_chunks_of_unknown_number(world: World) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(40):
            yield bytes(100_000)

    answer = world.client.post("/v2/upload", content=chunks())
    assert answer.status_code == 200
    [name] = world.stored_files()
    assert world.services.media.size(f"uploads/{name}") == 4_000_000


def test_two_uploads_of_the_same_bytes_are_two(world: World) -> None:
    assert world.upload(b"same") != world.upload(b"same")


def test_an_empty_body_is_refused_and_leaves_nothing(world: World) -> None:
    answer = world.client.post("/v2/upload", content=b"")
    assert answer.status_code == 400
    assert answer.json() == {"error": "Upload failed: the request body is empty"}
    assert (world.stored_files(), n_uploads(world)) == ([], 0)


def test_a_body_over_the_limit_is_refused_and_leaves_nothing(world: World) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(11):
            yield b"x" * 10

    client = world.client_with(world.key, upload_max_bytes=100)
    for content in (b"x" * 101, chunks()):
        answer = client.post("/v2/upload", content=content)
        assert answer.status_code == 413
        assert answer.json() == {"error": "Upload failed: the file is larger than 100 bytes"}
    assert (world.stored_files(), n_uploads(world)) == ([], 0)
    assert client.post("/v2/upload", content=b"x" * 100).status_code == 200


async def test_an_announced_size_over_the_limit_is_refused_before_a_byte_is_read(
    world: World,
) -> None:
    async def receive() -> Message:
        raise AssertionError("the body was read")

    sent = await _post(world, receive, [(b"content-length", b"99999999999999")])
    assert sent[0]["status"] == 413


async def test_a_client_that_goes_away_in_the_middle_leaves_nothing(world: World) -> None:
    messages: list[Message] = [
        {"type": "http.request", "body": bytes(6 * 2**20), "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    assert await _post(world, receive) == []
    assert (world.stored_files(), n_uploads(world)) == ([], 0)


async def test_the_event_loop_is_free_while_an_upload_waits_for_its_client(world: World) -> None:
    may_go_on = asyncio.Event()
    messages: list[Message] = [
        {"type": "http.request", "body": b"first", "more_body": True},
        {"type": "http.request", "body": b"second", "more_body": False},
    ]

    async def receive() -> Message:
        if len(messages) == 1:
            await may_go_on.wait()
        return messages.pop(0)

    waiting = asyncio.create_task(_post(world, receive))
    assert (await _post(world, _all_at_once(b"other")))[0]["status"] == 200
    may_go_on.set()
    assert (await waiting)[0]["status"] == 200
    assert len(world.stored_files()) == 2


async def test_an_upload_whose_project_is_deleted_meanwhile_is_not_kept(world: World) -> None:
    messages: list[Message] = [
        {"type": "http.request", "body": b"first", "more_body": True},
        {"type": "http.request", "body": b"second", "more_body": False},
    ]

    async def receive() -> Message:
        if len(messages) == 1:
            with world.services.engine.begin() as conn:
                mark_project_deleted(conn, require_project(conn, "default").id, world.clock())
        return messages.pop(0)

    assert (await _post(world, receive))[0]["status"] == 401
    assert (world.stored_files(), n_uploads(world)) == ([], 0)


class FullStore(MediaStore):
    """A store on a disk that has no room left."""

    @override
    async def put_stream(self, key: str, chunks: AsyncIterable[bytes], max_bytes: int) -> int:
        raise StorageFull


def test_a_full_disk_is_said_and_the_server_goes_on(world: World) -> None:
    full = FullStore(open_media_store("memory://")._store)
    client = TestClient(
        create_app(replace(world.services, media=full)), headers={"Authorization": world.key}
    )
    answer = client.post("/v2/upload", content=b"x")
    assert answer.status_code == 507
    assert answer.json() == {
        "error": "Insufficient storage on this server; nothing was kept of this request"
    }
    assert n_uploads(world) == 0
    assert client.get("/health").status_code == 200


def test_an_upload_that_cannot_be_recorded_is_not_kept(world: World) -> None:
    with world.services.engine.begin() as conn:
        conn.exec_driver_sql("DROP TABLE uploads")
    assert world.client.post("/v2/upload", content=b"x").status_code == 503
    assert world.stored_files() == []


@pytest.mark.parametrize("has_key", [True, False])
def test_an_upload_cannot_be_downloaded(world: World, has_key: bool) -> None:
    path = urlsplit(world.upload()).path
    answer = world.client_with(world.key if has_key else None).get(path)
    assert (answer.status_code, answer.json()) == (403, {"error": "AccessDenied"})


def _all_at_once(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _post(
    world: World, receive: Receive, headers: Sequence[tuple[bytes, bytes]] = ()
) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v2/upload",
        "raw_path": b"/v2/upload",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("testserver", 80),
        "headers": [(b"host", b"testserver"), (b"authorization", world.key.encode()), *headers],
    }
    await create_app(world.services)(scope, receive, send)
    return sent
