"""Accounts of a real server: what is used is counted, and what is deleted is gone."""

import json
import socket
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.confidential import CONFIDENTIAL, SPOKEN
from tests.processes import Api, Installation, Server, until
from tests.receiver import Receiver

pytestmark = pytest.mark.slow
Install = Callable[..., Installation]


def admin_api(installation: Installation, url: str) -> Api:
    made = installation.run("admin", "keys", "create", "ops")
    assert made.returncode == 0, made.stderr
    return Api(url, CONFIDENTIAL.keep(made.stdout.strip()))


def read_all(opened: ClientConnection) -> list[dict[str, Any]]:
    """Whatever is told until the server closes."""
    told = []
    with suppress(ConnectionClosed):
        while True:
            told.append(json.loads(opened.recv(60)))
    return told


@contextmanager
def half_an_upload(server: Server, key: str, n_bytes: int) -> Iterator[socket.socket]:
    """A connection on which as much is still to be sent."""
    address = urlsplit(server.url)
    head = (
        f"POST /v2/upload HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Authorization: {key}\r\nContent-Length: {2 * n_bytes}\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port)) as client:
        client.sendall(head.encode() + bytes(n_bytes))
        yield client


def media_files(installation: Installation) -> list[Path]:
    return [path for path in (installation.data / "media").rglob("*") if path.is_file()]


def rows(installation: Installation, query: str) -> list[Any]:
    """What the query finds in the database, where each row is one value."""
    with closing(sqlite3.connect(installation.data / "earshot.db")) as database:
        return [row[0] for row in database.execute(query)]


def test_a_recording_is_counted_and_a_deleted_project_leaves_only_that(
    install: Install, speech: bytes
) -> None:
    installation = install(EARSHOT_PRICES="transcription=3600")
    server = installation.serve()
    api, kept = (
        installation.api(server, installation.new_key("app", "law")),
        installation.api(server),
    )
    done = api.transcribe(speech)
    own = kept.transcribe(speech)
    admin = admin_api(installation, server.url)
    lines = admin.json("GET", "/admin/v1/usage", params={"by": "project,key"})["usage"]
    assert {(line["project"], line["key"]) for line in lines} == {
        ("law", "app"),
        ("default", "first"),
    }
    for line in lines:
        assert line["audio_seconds"] == pytest.approx(done["audio_duration"], abs=1)
        assert line["cost"] == pytest.approx(line["audio_seconds"])
    projects = {
        one["name"]: one["id"] for one in admin.json("GET", "/admin/v1/projects")["projects"]
    }
    assert admin.call("DELETE", f"/admin/v1/projects/{projects['law']}").status_code == 204
    assert api.call("GET", f"/v2/transcript/{done['id']}").status_code == 401
    assert kept.get(own["id"])["text"] == own["text"]
    assert server.end() == 0
    content = b"".join(path.read_bytes() for path in installation.data.glob("earshot.db*"))
    assert content.count(own["id"].encode()) > 0
    assert b"/upload/" in content
    uploads = list((installation.data / "media" / "uploads").iterdir())
    assert len(uploads) == 1


def test_of_many_same_submits_at_once_one_job_is_made(install: Install, speech: bytes) -> None:
    installation = install()
    api = installation.api(installation.serve())
    body = {"audio_url": api.upload(speech)}

    def submit(_: int) -> str:
        headers = {"Idempotency-Key": "order-66"}
        answer: str = api.json("POST", "/v2/transcript", json=body, headers=headers)["id"]
        return answer

    with ThreadPoolExecutor(20) as pool:
        (transcript_id,) = set(pool.map(submit, range(100)))
    assert api.ended(transcript_id)["status"] == "completed"
    assert len(api.json("GET", "/v2/transcript")["transcripts"]) == 1


def test_a_project_s_transcripts_wait_for_one_another_where_it_may_run_one(
    install: Install, speech: bytes
) -> None:
    installation = install()
    server = installation.serve("--role", "api")
    api = installation.api(server, installation.new_key("app", "law"))
    limit = ("admin", "projects", "limit", "law", "--concurrent-transcripts", "1")
    assert installation.run(*limit).returncode == 0
    audio_url = api.upload(speech)
    submitted = [api.submit(audio_url) for _ in range(4)]
    waiting = api.json("GET", "/v2/transcript", params={"throttled_only": "true"})["transcripts"]
    assert {one["id"] for one in waiting} == set(submitted[1:])
    cancelled = api.json("POST", f"/v2/transcript/{submitted[1]}/cancel")
    assert cancelled["status"] == "error"
    installation.work()
    ended = [api.ended(one) for one in submitted]
    assert [one["status"] for one in ended] == ["completed", "error", "completed", "completed"]
    order = api.json("GET", "/v2/transcript")["transcripts"]
    completed = [one["completed"] for one in reversed(order) if one["status"] == "completed"]
    assert completed == sorted(completed)


def test_a_live_session_ends_with_its_project_and_is_counted(install: Install) -> None:
    installation = install()
    server = installation.serve("--role", "live")
    key = installation.new_key("app", "law")
    url = server.url.replace("http", "ws", 1) + "/v3/ws?sample_rate=16000"
    with connect(url, additional_headers={"Authorization": key}) as opened:
        opened.send(bytes(2 * 16_000))  # a second of silence
        assert installation.run("admin", "projects", "delete", "law", "--yes").returncode == 0
        told = read_all(opened)
    assert told[-1]["type"] == "Error"
    assert (opened.close_code, "Invalid API key" in told[-1]["error"]) == (1008, True)

    def counted() -> list[dict[str, Any]]:
        shown = installation.run("admin", "usage", "--by", "product,key", "--json").stdout
        lines: list[dict[str, Any]] = json.loads(shown)
        return lines

    until(counted, "the session is counted")
    (line,) = counted()
    assert (line["product"], line["key"], line["audio_ms"]) == ("streaming", "app", 1000)
    assert 0 < line["session_ms"] < 60_000


def test_a_project_that_is_deleted_amid_its_work_leaves_numbers_and_nothing_else(
    install: Install, speech: bytes, long_speech: bytes, receiver: Receiver
) -> None:
    installation = install()
    server = installation.serve()
    key = installation.new_key("app", "law")
    api = installation.api(server, key)
    hook = f"{receiver.url}/hook"
    done = api.transcribe(speech, webhook_url=hook)
    receiver.await_post("/hook")
    ids = [done["id"], *(api.submit(api.upload(long_speech), webhook_url=hook) for _ in range(3))]
    until(lambda: api.status(ids[1]) == "processing", "a job is under way")
    n_files = len(media_files(installation))
    url = server.url.replace("http", "ws", 1) + f"/v3/ws?sample_rate=16000&webhook_url={hook}"
    with (
        connect(url, additional_headers={"Authorization": key}) as opened,
        half_an_upload(server, key, 2**24) as client,
    ):
        opened.send(speech[44 : 44 + 2 * 16_000])
        until(lambda: len(media_files(installation)) > n_files, "the upload has begun")
        assert installation.run("admin", "projects", "delete", "law", "--yes").returncode == 0
        client.sendall(bytes(2**24))
        assert client.recv(100).startswith(b"HTTP/1.1 401 ")
        assert read_all(opened)[-1]["type"] == "Error"
    until(lambda: not media_files(installation), "what workers were at is gone")
    ended = "SELECT id FROM live_sessions WHERE close_code != 0"
    (session_id,) = until(lambda: rows(installation, ended), "the session is told to have ended")
    assert rows(installation, "SELECT webhook_body FROM live_sessions") == [None]
    history = "SELECT workflow_uuid FROM workflow_status"
    of_the_project = (*ids, session_id)
    assert [one for one in rows(installation, history) if one.startswith(of_the_project)] == []
    assert rows(installation, "SELECT id FROM transcripts WHERE deleted_at IS NULL") == []
    assert len(receiver.posts) == 1
    shown = installation.run("admin", "usage", "--by", "product", "--json").stdout
    assert [line["product"] for line in json.loads(shown)] == ["streaming", "transcription"]
    assert server.end() == 0
    content = b"".join(path.read_bytes() for path in installation.data.glob("earshot.db*")).lower()
    assert [word for word in SPOKEN if word.encode() in content] == []
    assert b"/hook" not in content
