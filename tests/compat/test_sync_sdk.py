"""The official SDK's synchronous transcriber against a real server."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples, pcm16_from_samples
from tests.compat.conftest import NEWER_ENVIRONMENTS, Sdk
from tests.compat.test_python_sdk import OPENING, said
from tests.processes import write_wav

pytestmark = pytest.mark.parametrize("environment", NEWER_ENVIRONMENTS, indirect=True)


@pytest.mark.parametrize("kind", ["path", "bytes", "chunks"])
def test_a_short_recording_becomes_words_in_one_request(sdk: Sdk, speech: Path, kind: str) -> None:
    facts = sdk.do("transcribe_at_once", source=str(speech), kind=kind)
    assert said(facts).startswith(OPENING)
    assert facts["audio_duration_ms"] == 9000
    assert 0 < facts["confidence"] <= 1
    assert facts["request_time_ms"] > 0
    assert " ".join(word["text"] for word in facts["words"]) == facts["text"]
    assert all(word["start"] is None for word in facts["words"])


def test_words_have_their_times_where_they_are_asked_for(sdk: Sdk, speech: Path) -> None:
    words = sdk.do("transcribe_at_once", source=str(speech), timestamps=True)["words"]
    assert all(0 <= word["start"] < word["end"] <= 9000 for word in words)
    assert all(earlier["end"] <= later["start"] for earlier, later in pairwise(words))


def test_raw_samples_are_heard_and_the_wording_is_hinted_at(
    sdk: Sdk, tmp_path: Path, two_cities: Samples
) -> None:
    path = tmp_path / "speech.pcm"
    path.write_bytes(pcm16_from_samples(two_cities[: 9 * SAMPLE_RATE]))
    facts = sdk.do(
        "transcribe_at_once",
        source=str(path),
        sample_rate=SAMPLE_RATE,
        channels=1,
        keyterms_prompt=["worst of times"],
        conversation_context=["Which book is it?"],
        language_codes=["en"],
    )
    assert said(facts).startswith(OPENING)


def test_what_is_refused_has_the_code_that_programs_read(
    sdk: Sdk, recordings: Path, tmp_path: Path
) -> None:
    page = sdk.do("transcribe_at_once", source=str(recordings / "page.html"))
    assert (page["status_code"], page["error_code"]) == (400, "bad_audio")
    blip = write_wav(tmp_path / "blip.wav", np.zeros(SAMPLE_RATE * 79 // 1000, dtype=np.float32))
    short = sdk.do("transcribe_at_once", source=str(blip))
    assert (short["status_code"], short["error_code"]) == (400, "audio_too_short")
    silence = np.zeros(SAMPLE_RATE * 121, dtype=np.float32)
    long = sdk.do("transcribe_at_once", source=str(write_wav(tmp_path / "long.wav", silence)))
    assert (long["status_code"], long["error_code"]) == (413, "audio_too_large")
    assert long["refused"].endswith("audio duration 121000 ms exceeds limit 120000 ms")
    wrong = sdk.do("transcribe_at_once", source=str(blip), language_codes=["tlh"])
    assert (wrong["status_code"], wrong["error_code"]) == (400, "bad_request")


def test_eighty_milliseconds_are_enough(sdk: Sdk, tmp_path: Path) -> None:
    silence = np.zeros(SAMPLE_RATE * 80 // 1000, dtype=np.float32)
    facts = sdk.do("transcribe_at_once", source=str(write_wav(tmp_path / "a.wav", silence)))
    assert (facts["text"], facts["audio_duration_ms"]) == ("", 80)


def test_a_wav_file_that_ends_early_is_refused(sdk: Sdk, speech: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.wav"
    cut.write_bytes(speech.read_bytes()[:100_000])
    facts = sdk.do("transcribe_at_once", source=str(cut))
    assert (facts["status_code"], facts["error_code"]) == (400, "bad_audio")
    assert facts["refused"].startswith("truncated WAV: ")
