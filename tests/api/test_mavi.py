import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.types import Message

from earshot.accounts.keys import authenticate, revoke_key
from earshot.api.app import create_app
from earshot.api.forms import MAX_FIELDS_BYTES
from earshot.storage.database import reading
from earshot.storage.transcripts import TranscriptFilter, TranscriptRow, list_transcripts
from tests.api.conftest import AUDIO_URL, World, result_of
from tests.processes import until

ASSETS = "/serve/api/v2/assets"
SPEECH_TO_TEXT = "/serve/api/v2/transcriptions/speech-to-text"


def stored(world: World) -> list[TranscriptRow]:
    with reading(world.services.engine) as conn:
        caller = authenticate(conn, world.key, world.clock())
        return list(list_transcripts(conn, TranscriptFilter(project_id=caller.project_id, limit=9)))


@contextmanager
def worker(world: World, error: str | None = None) -> Iterator[None]:
    """Ends, from another thread, the first transcript that is submitted in the block."""
    is_over = threading.Event()

    def work() -> None:
        while not is_over.wait(0.01):
            if world.jobs.submitted:
                [(transcript_id, _)] = world.jobs.submitted
                if error is not None:
                    world.fail(transcript_id, error)
                else:
                    world.complete(transcript_id, result_of("Good morning."))
                return

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def ask(world: World, **parameters: object) -> Any:  # noqa: ANN401 - an answer
    body = {"provider": "assemblyai", **parameters}
    return world.client.post(SPEECH_TO_TEXT, json=body)


def failure(code: int, message: str) -> dict[str, Any]:
    return {"code": code, "msg": message, "data": None, "failed": True, "success": False}


def store(world: World, content: bytes = b"RIFF", key: str | None = None) -> str:
    answer = world.client_with(key or world.key).post(ASSETS, content=content)
    assert answer.status_code == 200, answer.text
    asset_id: str = answer.json()["data"]["asset_id"]
    return asset_id


def test_the_finished_transcript_comes_in_its_envelope(world: World) -> None:
    with worker(world):
        answer = ask(world, url=AUDIO_URL, format_text=False)
    assert answer.status_code == 200
    body = answer.json()
    data = body.pop("data")
    assert body == {"code": 200, "msg": "success", "failed": False, "success": True}
    assert (data["status"], data["text"], data["format_text"]) == (
        "completed",
        "Good morning.",
        False,
    )
    assert data == world.client.get(f"/v2/transcript/{data['id']}").json()


def test_the_language_is_found_out_unless_it_is_given(world: World) -> None:
    with worker(world):
        assert ask(world, url=AUDIO_URL).json()["data"]["language_detection"] is True


def test_who_asks_again_with_the_same_key_is_told_of_the_same_transcript(world: World) -> None:
    body = {"provider": "assemblyai", "url": AUDIO_URL}
    headers = {"Idempotency-Key": "call 7"}
    with worker(world):
        first = world.client.post(SPEECH_TO_TEXT, json=body, headers=headers)
    again = world.client.post(SPEECH_TO_TEXT, json=body, headers=headers)
    assert again.json() == first.json()
    assert again.json()["data"]["text"] == "Good morning."
    assert len(stored(world)) == 1
    other = world.client.post(SPEECH_TO_TEXT, json=body | {"url": f"{AUDIO_URL}?"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, 422)


def test_a_transcript_that_fails_is_told_with_its_error(world: World) -> None:
    with worker(world, error="Audio duration is too short."):
        answer = ask(world, source_url=AUDIO_URL)
    assert answer.status_code == 500
    assert answer.json() == failure(500, "Audio duration is too short.")


def test_a_transcript_that_was_deleted_is_no_success(world: World) -> None:
    body = {"provider": "assemblyai", "url": AUDIO_URL}
    headers = {"Idempotency-Key": "call 7"}
    with worker(world):
        first = world.client.post(SPEECH_TO_TEXT, json=body, headers=headers).json()
    assert world.client.delete(f"/v2/transcript/{first['data']['id']}").status_code == 200
    again = world.client.post(SPEECH_TO_TEXT, json=body, headers=headers)
    assert (again.status_code, again.json()) == (
        400,
        failure(400, "Transcript lookup error, transcript id not found"),
    )


def test_a_key_that_is_revoked_meanwhile_is_told_nothing(world: World) -> None:
    def revoke() -> None:
        until(lambda: world.jobs.submitted, "a transcript")
        with world.services.engine.begin() as conn:
            revoke_key(conn, "first", world.clock())

    revoking = threading.Thread(target=revoke)
    revoking.start()
    answer = ask(world, url=AUDIO_URL)
    revoking.join()
    assert answer.status_code == 401
    assert answer.json()["failed"]


def test_nobody_waits_for_a_server_that_is_being_stopped(world: World) -> None:
    world.services.stopping.set()
    answer = ask(world, url=AUDIO_URL)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    [row] = stored(world)
    assert answer.json()["msg"].endswith(f"GET /v2/transcript/{row.id}")
    assert row.status == "queued"


def test_an_asset_is_transcribed_before_any_url(world: World) -> None:
    asset_id = store(world)
    assert asset_id.startswith("re_")
    with worker(world):
        answer = ask(world, asset_id=asset_id, url=AUDIO_URL, source_url="gs://x/y.wav")
    assert answer.status_code == 200
    [row] = stored(world)
    assert row.upload_id is not None
    assert row.upload_id.replace("-", "") == asset_id.removeprefix("re_")
    assert world.services.media.get(f"uploads/{row.upload_id}") == b"RIFF"


def test_a_url_is_transcribed_before_a_source_url(world: World) -> None:
    with worker(world):
        ask(world, url=AUDIO_URL, source_url="https://example.com/other.mp3", asset_id="")
    assert [row.audio_url for row in stored(world)] == [AUDIO_URL]


def test_an_asset_may_come_as_a_form(world: World) -> None:
    answer = world.client.post(
        ASSETS, files={"file": ("a.wav", b"RIFF" * 100_000)}, data={"name": "call"}
    )
    assert answer.status_code == 200, answer.text
    [name] = world.stored_files()
    assert world.services.media.get(f"uploads/{name}") == b"RIFF" * 100_000


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"audio": ("a.wav", b"RIFF")}, "the form must have a part `file` with the recording"),
        (
            [("file", ("a.wav", b"RIFF")), ("file", ("b.wav", b"RIFF"))],
            "the form has more than one part `file`",
        ),
        (
            {"other": ("a", bytes(MAX_FIELDS_BYTES + 1)), "file": ("a.wav", b"RIFF")},
            "the form has too much beside its part `file`",
        ),
        ({"file": ("a.wav", b"")}, "Upload failed: the request body is empty"),
    ],
)
def test_a_form_without_one_file_is_refused_and_leaves_nothing(
    world: World,
    files: Any,  # noqa: ANN401 - what the client takes
    message: str,
) -> None:
    answer = world.client.post(ASSETS, files=files)
    assert (answer.status_code, answer.json()) == (400, failure(400, message))
    assert world.stored_files() == []


def test_an_asset_over_the_limit_is_refused_in_the_envelope(world: World) -> None:
    client = world.client_with(world.key, upload_max_bytes=10)
    answer = client.post(ASSETS, content=b"x" * 11)
    assert answer.status_code == 413
    assert answer.json() == failure(413, "Upload failed: the file is larger than 10 bytes")


@pytest.mark.parametrize("asset_id", ["re_x", "nonsense", "re_" + "0" * 32, "re_../../x"])
def test_an_asset_that_is_not_there_is_refused(world: World, asset_id: str) -> None:
    answer = ask(world, asset_id=asset_id, url=AUDIO_URL)
    assert answer.status_code == 400
    assert answer.json() == failure(400, "asset_id must be an asset of your project")


def test_an_asset_of_another_project_is_as_unknown_as_none(world: World) -> None:
    asset_id = store(world, key=world.new_key("other", "clinic"))
    answer = ask(world, asset_id=asset_id)
    assert answer.json() == failure(400, "asset_id must be an asset of your project")
    assert stored(world) == []


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "one of asset_id, url and source_url must be given"),
        ({"url": ""}, "one of asset_id, url and source_url must be given"),
        ({"url": 7}, "url must be a string"),
        ({"provider": "other", "url": AUDIO_URL}, "provider must be assemblyai"),
        ({"url": AUDIO_URL, "format_text": "yes"}, "format_text must be a Boolean"),
        ({"url": "ftp://x"}, "Transcript creation error, audio_url should start with http"),
    ],
)
def test_a_request_that_breaks_a_rule_is_refused_in_the_envelope(
    world: World, parameters: dict[str, object], message: str
) -> None:
    answer = ask(world, **parameters)
    assert (answer.status_code, answer.json()) == (400, failure(400, message))
    assert stored(world) == []


@pytest.mark.parametrize("scheme", ["gs", "s3"])
def test_cloud_storage_without_permission_is_a_400(world: World, scheme: str) -> None:
    answer = ask(world, source_url=f"{scheme}://calls/a.wav")
    assert answer.status_code == 400
    assert f"audio_url with {scheme}:// is not available" in answer.json()["msg"]


@pytest.mark.parametrize("path", [ASSETS, SPEECH_TO_TEXT])
def test_a_key_is_needed(world: World, path: str) -> None:
    answer = world.client_with(None).post(path, json={})
    assert answer.status_code == 401
    assert answer.json() == failure(401, "Authentication error, API token missing/invalid")


def test_a_body_that_is_no_json_is_refused(world: World) -> None:
    answer = world.client.post(SPEECH_TO_TEXT, content=b"{")
    assert answer.json() == failure(400, "Invalid JSON")


def test_a_fault_of_ours_has_the_envelope_and_is_not_told(world: World) -> None:
    world.jobs.failure = RuntimeError("the queue's own words")
    answer = ask(world, url=AUDIO_URL)
    assert (answer.status_code, answer.json()) == (500, failure(500, "Internal Server Error"))


async def test_nobody_is_waited_for_and_the_transcript_goes_on(world: World) -> None:
    messages: list[Message] = [
        {
            "type": "http.request",
            "body": b'{"provider": "assemblyai", "url": "https://example.com/a.mp3"}',
        },
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": SPEECH_TO_TEXT,
        "raw_path": SPEECH_TO_TEXT.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("testserver", 80),
        "headers": [(b"host", b"testserver"), (b"authorization", world.key.encode())],
    }
    await create_app(world.services)(scope, receive, send)

    assert sent == []
    assert [row.status for row in stored(world)] == ["queued"]
    assert world.jobs.cancelled == []
