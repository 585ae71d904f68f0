"""Recordings from where they lie: a bucket, behind a presigned URL, sent for one request."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.store import S3Store

from earshot.models.store import ModelStore
from tests.confidential import CONFIDENTIAL
from tests.object_server import ObjectServer, running_object_server
from tests.processes import PATIENCE_S, Api, Installation, clean_environment

pytestmark = pytest.mark.slow
S3_PROGRAM = Path(__file__).parents[1] / "compat" / "s3_program.py"
OPENING = "it was the best of times"
ASSETS = "/serve/api/v2/assets"
SPEECH_TO_TEXT = "/serve/api/v2/transcriptions/speech-to-text"


@pytest.fixture(scope="module")
def objects(speech: bytes) -> Iterator[ObjectServer]:
    with running_object_server() as server:
        server.put("calls", "2026/a call.wav", speech)
        yield server


@pytest.fixture(scope="module")
def installation(
    objects: ObjectServer, tmp_path_factory: pytest.TempPathFactory, models: ModelStore
) -> Iterator[Installation]:
    settings = {"EARSHOT_SOURCE_BUCKETS": "default=s3://calls", **objects.environment}
    folder = tmp_path_factory.mktemp("server")
    with closing(Installation(folder, models.folder, **settings)) as installation:
        yield installation


@pytest.fixture(scope="module")
def api(installation: Installation) -> Api:
    server = installation.serve()
    server.await_ready()
    return installation.api(server)


def presigned(objects: ObjectServer, key: str) -> str:
    environment = objects.environment
    store = S3Store(
        "calls",
        endpoint=objects.url,
        region=environment["AWS_REGION"],
        access_key_id=environment["AWS_ACCESS_KEY_ID"],
        secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        client_options={"allow_http": True},
    )
    [url] = obstore.sign(store, "GET", [key], timedelta(hours=1))
    return url


def transcribed_at_once(api: Api, **parameters: object) -> dict[str, Any]:
    body = api.json("POST", SPEECH_TO_TEXT, json={"provider": "assemblyai", **parameters})
    assert (body["code"], body["success"]) == (200, True)
    data: dict[str, Any] = body["data"]
    CONFIDENTIAL.hear(data["text"])
    return data


def test_an_object_of_an_allowed_bucket_is_transcribed(
    api: Api, installation: Installation
) -> None:
    audio_url = "s3://calls/2026/a call.wav"
    transcript = api.ended(api.submit(audio_url))
    assert transcript["text"].lower().startswith(OPENING), transcript["error"]
    assert transcript["audio_url"] == audio_url
    missing = api.ended(api.submit("s3://calls/2026/none.wav"))
    assert "404 Client Error: Not Found" in missing["error"]
    stranger = Api(api.url, installation.new_key("other", "clinic"))
    answer = stranger.call("POST", "/v2/transcript", json={"audio_url": audio_url})
    assert answer.status_code == 400


def test_a_presigned_url_is_transcribed(api: Api, objects: ObjectServer) -> None:
    url = presigned(objects, "2026/a call.wav")
    transcript = api.ended(api.submit(url))
    assert transcript["text"].lower().startswith(OPENING), transcript["error"]
    assert transcript["audio_url"] == url


def test_the_walkthrough_of_s3_works_with_another_base_url(
    api: Api, objects: ObjectServer, speech: bytes, tmp_path: Path
) -> None:
    (tmp_path / "call.wav").write_bytes(speech)
    task = {
        "base_url": api.url,
        "api_key": api.key,
        "bucket": "walkthrough",
        "key": "my call.wav",
        "file": str(tmp_path / "call.wav"),
    }
    done = subprocess.run(
        [sys.executable, S3_PROGRAM, json.dumps(task)],
        capture_output=True,
        text=True,
        env=clean_environment(**objects.environment),
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    transcript = json.loads(done.stdout)
    CONFIDENTIAL.hear(transcript["text"] or "")
    assert transcript["text"].lower().startswith(OPENING), transcript["error"]


def test_the_wrapper_answers_with_the_words_of_an_asset_and_of_a_bucket(
    api: Api, speech: bytes
) -> None:
    stored = api.json("POST", ASSETS, files={"file": ("call.wav", speech)})
    of_asset = transcribed_at_once(api, asset_id=stored["data"]["asset_id"])
    assert of_asset["text"].lower().startswith(OPENING)
    assert of_asset["words"][0]["end"] > 0
    of_bucket = transcribed_at_once(api, source_url="s3://calls/2026/a call.wav")
    assert of_bucket["text"] == of_asset["text"]


def test_the_wrapper_tells_why_a_recording_is_none(api: Api) -> None:
    stored = api.json("POST", ASSETS, data=b"Dear diary, nothing happened.\n" * 40)
    asked = {"provider": "assemblyai", "asset_id": stored["data"]["asset_id"]}
    answer = api.call("POST", SPEECH_TO_TEXT, json=asked)
    assert answer.status_code == 500
    assert "does not appear to contain audio" in answer.json()["msg"]


def test_who_waits_is_told_that_the_server_is_being_stopped(
    install: Callable[..., Installation],
) -> None:
    installation = install()
    server = installation.serve("--role", "api")  # nobody does the work
    api = installation.api(server)
    body = {"provider": "assemblyai", "url": "https://example.invalid/a.mp3"}
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(api.call, "POST", SPEECH_TO_TEXT, json=body)
        server.until(lambda: api.json("GET", "/v2/transcript")["transcripts"], "it is submitted")
        assert server.end() == 0
        answer = waiting.result()
    assert answer.status_code == 503
    assert answer.json()["msg"].startswith("This server is being stopped.")
    again = installation.api(installation.serve("--role", "api"))
    [listed] = again.json("GET", "/v2/transcript")["transcripts"]
    assert listed["status"] == "queued"
