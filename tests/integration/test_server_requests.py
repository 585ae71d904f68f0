"""What one user does at a bad moment, and what another user may not do, against a real server."""

import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from earshot.models.store import ModelStore
from tests.processes import Api, Installation, Process, Server, hold_between_writes, until
from tests.receiver import Receiver

pytestmark = pytest.mark.slow
NOT_FOUND = {"error": "Transcript lookup error, transcript id not found"}


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, models: ModelStore
) -> Iterator[Installation]:
    with closing(Installation(tmp_path_factory.mktemp("server"), models.folder)) as installation:
        yield installation


@pytest.fixture(scope="module")
def server(installation: Installation) -> Server:
    return installation.serve("--role", "api")


@pytest.fixture(scope="module")
def worker(installation: Installation, server: Server) -> Process:
    assert server.is_running
    return installation.work()


@pytest.fixture
def api(installation: Installation, server: Server, worker: Process) -> Api:
    assert worker.is_running
    return installation.api(server)


@pytest.fixture
def under_way(
    api: Api, installation: Installation, worker: Process, long_speech: bytes
) -> Iterator[str]:
    """The id of a transcript whose worker stands still in the middle of it, until the end."""
    transcript_id = api.submit(api.upload(long_speech))
    until(lambda: api.status(transcript_id) == "processing", "the job runs")
    hold_between_writes(worker, f"sqlite:///{installation.data / 'earshot.db'}")
    yield transcript_id
    worker.send(signal.SIGCONT)
    api.ended(transcript_id)


def test_what_is_under_way_cannot_be_deleted_and_runs_on(
    api: Api, worker: Process, under_way: str
) -> None:
    answer = api.call("DELETE", f"/v2/transcript/{under_way}")
    assert (answer.status_code, answer.json()) == (400, NOT_FOUND)
    worker.send(signal.SIGCONT)
    assert api.ended(under_way)["status"] == "completed"


def test_what_is_under_way_can_be_cancelled(
    api: Api, installation: Installation, under_way: str, worker: Process
) -> None:
    path = f"/v2/transcript/{under_way}/cancel"
    cancelled = api.json("POST", path)
    assert cancelled["status"] == "error"
    assert cancelled["error"] == "Cancelled by user."
    assert api.json("POST", path)["error"] == "Cancelled by user."
    worker.send(signal.SIGCONT)
    work = installation.data / "media" / "work" / under_way
    until(lambda: not [path for path in work.rglob("*") if path.is_file()], "no file is left")
    assert api.get(under_way)["error"] == "Cancelled by user."


def test_what_is_completed_can_no_longer_be_cancelled(api: Api, speech: bytes) -> None:
    transcript_id = api.transcribe(speech)["id"]
    answer = api.call("POST", f"/v2/transcript/{transcript_id}/cancel")
    assert answer.status_code == 400
    assert "completed" in answer.json()["error"]


def test_cancelling_is_told_by_a_webhook(api: Api, speech: bytes, receiver: Receiver) -> None:
    transcript_id = api.submit(api.upload(speech), webhook_url=f"{receiver.url}/hook")
    answer = api.call("POST", f"/v2/transcript/{transcript_id}/cancel")
    status = b"error" if answer.status_code == 200 else b"completed"
    assert status in receiver.await_post("/hook").body


def test_a_second_deletion_is_answered_like_the_first(api: Api, speech: bytes) -> None:
    path = f"/v2/transcript/{api.transcribe(speech)['id']}"
    assert api.json("DELETE", path) == api.json("DELETE", path)


def test_deleting_a_transcript_deletes_its_upload(
    api: Api, installation: Installation, speech: bytes
) -> None:
    made = api.transcribe(speech)
    upload = installation.data / "media" / "uploads" / Path(made["audio_url"]).name
    assert upload.is_file()
    api.json("DELETE", f"/v2/transcript/{made['id']}")
    assert not upload.exists()


def test_a_key_opens_its_own_project_only(
    api: Api, installation: Installation, server: Server, speech: bytes
) -> None:
    other = installation.api(server, installation.new_key("theirs", "other"))
    made = api.transcribe(speech)
    path = f"/v2/transcript/{made['id']}"
    parts = ["", "/sentences", "/paragraphs", "/srt", "/vtt", "/word-search?words=was"]
    asked = [("GET", path + part) for part in parts]
    for method, target in [*asked, ("DELETE", path), ("POST", path + "/cancel")]:
        answer = other.call(method, target)
        assert (answer.status_code, answer.json()) == (400, NOT_FOUND), target
    stolen = other.call("POST", "/v2/transcript", json={"audio_url": made["audio_url"]})
    assert stolen.status_code == 403
    assert stolen.json() == {"error": "Cannot access uploaded file"}
    assert other.json("GET", "/v2/transcript")["transcripts"] == []
    assert api.get(made["id"]) == made


def test_a_revoked_key_opens_nothing_from_that_moment(
    api: Api, installation: Installation, server: Server
) -> None:
    other = installation.api(server, installation.new_key("short-lived"))
    other.json("GET", "/v2/transcript")
    assert installation.run("keys", "revoke", "short-lived").returncode == 0
    assert other.call("GET", "/v2/transcript").status_code == 401
    api.json("GET", "/v2/transcript")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"text"', b'{"audio_url": 7}', b"\xff\xfe", b"{}"]
)
def test_a_body_that_is_no_request_is_an_error_that_says_so(api: Api, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = api.call("POST", "/v2/transcript", data=body, headers=headers)
    assert answer.status_code == 400
    assert isinstance(answer.json()["error"], str)
