"""Transcripts at once by a real server: nothing is kept, and nobody works for those who left."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
import requests

from earshot.audio.waveform import Samples
from earshot.models.store import ModelStore
from tests.integration.conftest import READINGS
from tests.processes import Api, Installation, Server, until, write_wav

pytestmark = pytest.mark.slow

PATH = "/v1/audio/transcriptions"
Form = dict[str, tuple[str | None, bytes | str]]
MODEL: Form = {"model": (None, "whisper-1")}


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server puts what it needs for a moment."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, models: ModelStore, temporary: Path
) -> Iterator[Installation]:
    settings = {"EARSHOT_MAX_SYNC_REQUESTS": "1", "TMPDIR": str(temporary)}
    folder = tmp_path_factory.mktemp("server")
    with closing(Installation(folder, models.folder, **settings)) as installation:
        yield installation


@pytest.fixture(scope="module")
def server(installation: Installation) -> Server:
    """No worker: what is transcribed here is transcribed by this process."""
    server = installation.serve("--role", "live")
    server.await_ready()
    return server


@pytest.fixture
def api(installation: Installation, server: Server) -> Api:
    return installation.api(server)


def leave_early(api: Api, recording: bytes) -> socket.socket:
    """A connection on which a whole request was sent, and no answer awaited."""
    files = {"file": ("long.wav", recording, "audio/wav"), **MODEL}
    headers = {"Authorization": f"Bearer {api.key}"}
    prepared = requests.Request("POST", api.url + PATH, headers, files).prepare()
    url = urlsplit(api.url)
    assert url.hostname is not None
    assert url.port is not None
    assert isinstance(prepared.body, bytes)
    lines = [f"POST {PATH} HTTP/1.1", f"Host: {url.netloc}"]
    lines += [f"{name}: {value}" for name, value in prepared.headers.items()]
    connection = socket.create_connection((url.hostname, url.port))
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + prepared.body)
    return connection


def status_of_another(api: Api, recording: bytes) -> int:
    return api.call("POST", PATH, files={"file": ("a.wav", recording), **MODEL}).status_code


def test_who_leaves_gives_back_the_place_and_no_more_is_done(
    api: Api, server: Server, speech: bytes, long_speech: bytes
) -> None:
    with leave_early(api, long_speech):
        until(lambda: status_of_another(api, speech) == 429, "the only place is taken")
    server.until(lambda: "client_gone" in server.log, "the server notices")
    until(lambda: status_of_another(api, speech) == 200, "the place is free")


def test_nothing_is_left_on_the_disk(
    api: Api, installation: Installation, temporary: Path, speech: bytes
) -> None:
    assert status_of_another(api, speech) == 200
    with leave_early(api, speech):
        assert list(temporary.iterdir()) == []
    media = installation.data / "media"
    assert [path for path in media.rglob("*") if path.is_file()] == []


def test_a_process_without_models_says_where_to_go(
    installation: Installation, speech: bytes
) -> None:
    api = installation.api(installation.serve("--role", "api"))
    answer = api.call("POST", "/v1/transcribe", files={"audio": ("a.wav", speech)})
    assert answer.status_code == 503
    assert "--role live" in answer.json()["detail"]


def test_who_leaves_a_stream_gives_back_the_place_too(
    api: Api, server: Server, speech: bytes, long_speech: bytes
) -> None:
    form: Form = {**MODEL, "stream": (None, "true"), "file": ("long.wav", long_speech)}
    n_gone = server.log.count("client_gone")
    with requests.post(
        api.url + PATH,
        headers={"Authorization": api.key},
        files=form,
        stream=True,
        timeout=60,
    ) as answer:
        assert next(answer.iter_lines()).startswith(b'data: {"type":"transcript.text.delta"')
    until(lambda: status_of_another(api, speech) == 200, "the place is free")
    assert server.log.count("client_gone") <= n_gone + 1
    assert "Traceback" not in server.log


def test_who_waits_for_a_server_that_is_being_stopped_is_told_before_it_ends(
    installation: Installation, two_cities: Samples, tmp_path: Path
) -> None:
    stopped = installation.serve("--role", "live")
    stopped.await_ready()
    half_an_hour = write_wav(tmp_path / "a.wav", np.tile(two_cities, 4 * READINGS)).read_bytes()
    api = installation.api(stopped)
    form: Form = {**MODEL, "stream": (None, "true"), "file": ("a.wav", half_an_hour)}
    with requests.post(
        api.url + PATH, headers={"Authorization": api.key}, files=form, stream=True, timeout=60
    ) as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith(b'data: {"type":"transcript.text.delta"')
        with ThreadPoolExecutor(1) as others:
            ended = others.submit(stopped.end)
            *_, last = filter(None, lines)
            assert ended.result() == 0
    error = json.loads(last.removeprefix(b"data: "))["error"]
    assert error["code"] == "server_stopping"
    assert "Traceback" not in stopped.log
