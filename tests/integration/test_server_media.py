"""Broken files by the dozen: each has its documented end, and the server stays up."""

import io
import struct
import wave
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples, pcm16_from_samples
from earshot.models.store import ModelStore
from tests.processes import Api, Installation

pytestmark = pytest.mark.slow
NO_AUDIO = "File does not appear to contain audio. File type is "
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63"
    "fccff0bf1e00068302804c1c9d3e0000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, models: ModelStore) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("server")
    with closing(Installation(folder, models.folder)) as installation:
        server = installation.serve()
        server.await_ready()
        yield installation.api(server)
        assert server.health() == {"status": "ok", "models": "ready"}
        assert "worker_died" not in server.log


def wav(samples: Samples, sample_rate: int = SAMPLE_RATE) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(sample_rate)
        writer.writeframes(pcm16_from_samples(samples))
    return file.getvalue()


def silence(duration_ms: int) -> Samples:
    return np.zeros(duration_ms * SAMPLE_RATE // 1000, dtype=np.float32)


@pytest.mark.parametrize(
    ("media", "file_type"),
    [
        pytest.param(b"<!DOCTYPE html><html><body>Hello</body></html>", "text/html", id="html"),
        pytest.param(b"Dear diary, nothing happened.\n" * 40, "text/plain", id="text"),
        pytest.param(PNG, "image/png", id="png"),
        pytest.param(b"\0" * 5000, "", id="zeros"),
        pytest.param(bytes(range(256)) * 64, "", id="noise"),
        pytest.param(b"#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n", "", id="m3u8"),
        pytest.param(b"ffconcat version 1.0\nfile /etc/passwd\n", "", id="concat"),
        pytest.param(b"RIFF\x24\0\0\0WAVE", "", id="header only"),
        pytest.param(b"%PDF-1.7\n" + b"0" * 400, "application/pdf", id="pdf"),
    ],
)
def test_what_is_no_recording_ends_in_the_documented_error(
    api: Api, media: bytes, file_type: str
) -> None:
    transcript = api.transcribe(media)
    assert transcript["status"] == "error"
    assert NO_AUDIO + file_type in transcript["error"]
    assert "/etc" not in transcript["error"]
    assert transcript["text"] is None
    assert transcript["words"] is None


def test_an_empty_upload_is_refused(api: Api) -> None:
    answer = api.call("POST", "/v2/upload", data=b"")
    assert answer.status_code == 400
    assert answer.json() == {"error": "Upload failed: the request body is empty"}


def test_159_ms_are_too_short_and_160_ms_are_not(api: Api) -> None:
    too_short = api.transcribe(wav(silence(159)))
    assert too_short["status"] == "error"
    assert too_short["error"] == "Audio duration is too short."
    enough = api.transcribe(wav(silence(160)))
    assert enough["status"] == "completed"
    assert enough["text"] == ""
    assert enough["words"] == []
    assert enough["audio_duration"] == 1


def test_silence_completes_without_a_word(api: Api) -> None:
    transcript = api.transcribe(wav(silence(5000)))
    assert (transcript["status"], transcript["text"]) == ("completed", "")
    captions = api.call("GET", f"/v2/transcript/{transcript['id']}/srt")
    assert captions.status_code == 400
    assert captions.json() == {"error": "Transcript text is empty"}


def test_a_truncated_recording_is_transcribed_as_far_as_it_goes(api: Api, speech: bytes) -> None:
    transcript = api.transcribe(speech[: len(speech) * 2 // 3])
    assert transcript["status"] == "completed"
    assert transcript["text"].lower().startswith("it was the best of times")
    assert transcript["words"][-1]["end"] <= 6000
    assert transcript["metadata"]["warnings"]


@pytest.mark.parametrize(
    ("offset", "value"),
    [
        pytest.param(22, struct.pack("<H", 64), id="64 channels"),
        pytest.param(24, struct.pack("<I", 4_000_000_000), id="4 GHz"),
        pytest.param(24, struct.pack("<I", 1), id="1 Hz"),
        pytest.param(34, struct.pack("<H", 3), id="3 bits"),
        pytest.param(40, struct.pack("<I", 0xFFFFFFF0), id="37 hours"),
        pytest.param(20, struct.pack("<H", 0x7777), id="unknown codec"),
    ],
)
def test_a_header_that_lies_gives_a_result_or_an_error_of_the_callers(
    api: Api, speech: bytes, offset: int, value: bytes
) -> None:
    lying = speech[:offset] + value + speech[offset + len(value) :]
    transcript = api.transcribe(lying)
    if transcript["status"] == "error":
        # Not "Server error, developers have been alerted."
        assert transcript["error"].startswith(("Transcoding failed.", "Audio duration is too"))
    else:
        assert transcript["text"] is not None


def test_a_threshold_of_speech_that_is_not_met_is_an_error(api: Api, speech: bytes) -> None:
    transcript = api.transcribe(speech, speech_threshold=1.0)
    assert transcript["status"] == "error"
    assert "is below the requested speech threshold value 1.0" in transcript["error"]
