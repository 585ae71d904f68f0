"""Redacted audio, listened to: what is hidden in the words is heard in no channel of it."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests

from earshot.audio.decode import Decoder
from earshot.audio.media import ChannelMode
from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.models.store import ModelStore
from tests.processes import Api, Installation, Server, write_wav
from tests.receiver import Receiver

pytestmark = pytest.mark.slow
# Of "A Tale of Two Cities" and of "Worstward Ho".
SECRETS = ["wisdom", "foolishness", "belief", "incredulity", "hope", "despair", "failed", "again"]
HIDING: dict[str, Any] = {
    "redact_pii": True,
    "redact_static_entities": {"secret": SECRETS},
    "redact_pii_audio": True,
}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, models: ModelStore) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("server")
    with closing(Installation(folder, models.folder)) as installation:
        server = installation.serve()
        server.await_ready()
        yield installation.api(server)


@pytest.fixture(scope="module")
def mono(tmp_path_factory: pytest.TempPathFactory, two_cities: Samples) -> bytes:
    path = tmp_path_factory.mktemp("mono") / "a.wav"
    return write_wav(path, two_cities[: 30 * SAMPLE_RATE]).read_bytes()


@pytest.fixture(scope="module")
def stereo(
    tmp_path_factory: pytest.TempPathFactory, two_cities: Samples, beckett: Samples
) -> bytes:
    """A reader on each channel."""
    path = tmp_path_factory.mktemp("stereo") / "a.wav"
    n_samples = 30 * SAMPLE_RATE
    return write_wav(path, two_cities[:n_samples], np.resize(beckett, n_samples)).read_bytes()


def spoken(transcript: dict[str, Any]) -> list[str]:
    assert transcript["status"] == "completed", transcript["error"]
    return re.findall(r"[a-z]+", transcript["text"].lower())


def redacted_audio(api: Api, transcript_id: str) -> bytes:
    """The file, fetched without a key."""
    told = api.json("GET", f"/v2/transcript/{transcript_id}/redacted-audio")
    answer = requests.get(told["redacted_audio_url"], timeout=30)
    assert answer.status_code == 200
    return answer.content


def is_encoding(server: Server) -> bool:
    """Whether one of its processes encodes."""
    return any("audio.encoding" in command_of(pid) for pid in server.children())


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):  # ended meanwhile
        return ""


def n_channels_of(media: bytes, folder: Path) -> int:
    path = folder / "media"
    path.write_bytes(media)
    with Decoder() as decoder, decoder.open(path, channels=ChannelMode.SPLIT) as opened:
        return opened.info.n_channels


@pytest.mark.parametrize("quality", ["mp3", "wav"])
@pytest.mark.parametrize("method", ["beep", "silence"])
def test_none_of_the_secret_words_is_heard_and_the_others_are(
    api: Api, mono: bytes, quality: str, method: str
) -> None:
    tuning = {"override_audio_redaction_method": "silence"} if method == "silence" else {}
    asked = {**HIDING, "redact_pii_audio_quality": quality, "redact_pii_audio_options": tuning}
    shown = api.transcribe(mono, **asked)
    assert "#" in shown["text"]
    heard = spoken(api.transcribe(redacted_audio(api, shown["id"])))
    assert set(heard).isdisjoint(SECRETS)
    assert heard.count("times") == 2
    assert heard.count("was") >= 4
    plain = spoken(api.transcribe(mono))
    assert set(plain) >= {"wisdom", "foolishness", "belief", "incredulity"}


@pytest.mark.parametrize("quality", ["mp3", "wav"])
def test_every_channel_is_kept_and_in_none_a_secret_of_any_is_heard(
    api: Api, stereo: bytes, quality: str, tmp_path: Path
) -> None:
    asked = {**HIDING, "redact_pii_audio_quality": quality, "multichannel": True}
    media = redacted_audio(api, api.transcribe(stereo, **asked)["id"])
    assert n_channels_of(media, tmp_path) == 2
    heard = api.transcribe(media, multichannel=True)
    assert set(spoken(heard)).isdisjoint(SECRETS)
    assert {word["channel"] for word in heard["words"]} == {"1", "2"}


def test_the_receiver_is_told_of_the_audio_and_then_of_the_transcript(
    api: Api, mono: bytes, receiver: Receiver
) -> None:
    asked = {**HIDING, "webhook_url": f"{receiver.url}/hook"}
    transcript_id = api.transcribe(mono, **asked)["id"]
    receiver.await_post("/hook", times=2)
    first, second = (json.loads(post.body) for post in receiver.posts_to("/hook"))
    assert first["status"] == "redacted_audio_ready"
    assert requests.get(first["redacted_audio_url"], timeout=30).status_code == 200
    assert second == {"transcript_id": transcript_id, "status": "completed"}


def test_nothing_of_it_is_left_when_the_transcript_is_deleted(api: Api, mono: bytes) -> None:
    transcript_id = api.transcribe(mono, **HIDING)["id"]
    path = f"/v2/transcript/{transcript_id}"
    url = api.json("GET", f"{path}/redacted-audio")["redacted_audio_url"]
    assert api.call("DELETE", path).status_code == 200
    assert requests.get(url, timeout=30).status_code == 403
    assert api.call("GET", f"{path}/redacted-audio").status_code == 400


def test_a_server_that_is_killed_while_it_is_made_makes_it_after_the_next_start(
    tmp_path: Path, models: ModelStore, two_cities: Samples
) -> None:
    recording = write_wav(tmp_path / "long.wav", np.tile(two_cities, 6)).read_bytes()
    with closing(Installation(tmp_path / "killed", models.folder)) as installation:
        server = installation.serve()
        server.await_ready()
        api = installation.api(server)
        asked = {**HIDING, "redact_pii_audio_quality": "mp3"}
        transcript_id = api.submit(api.upload(recording), **asked)
        server.until(lambda: is_encoding(server), "the audio is being made")
        server.kill()
        server = installation.serve()
        server.await_ready()
        api = installation.api(server)
        assert api.ended(transcript_id)["status"] == "completed"
        assert len(redacted_audio(api, transcript_id)) > 100_000
