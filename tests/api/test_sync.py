import io
import wave
from dataclasses import replace

import pytest

from earshot.api.schemas.sync import MAX_AUDIO_BYTES, MAX_AUDIO_MS
from earshot.api.sync_services import SyncLimits
from earshot.audio.decoding.protocol import TRUNCATED
from earshot.errors import (
    AudioTooShort,
    AudioUnreadable,
    ClipTooLong,
    LanguageNotInstalled,
    ModelsLoading,
)
from earshot.transcript.options import LanguageDetection
from tests.api.conftest import World, result_of
from tests.api.sync import ScriptedEngines, client_of, form

PATHS = ["/v1/transcribe", "/transcribe", "/v1/transcribe/live", "/v1/transcribe/stream"]


@pytest.mark.parametrize("path", PATHS)
def test_a_form_is_answered_with_a_transcript(world: World, path: str) -> None:
    engines = ScriptedEngines()
    answer = client_of(world, engines).post(path, files=form())
    body = answer.json()
    assert answer.status_code == 200
    assert body["text"] == "Good day. Well said."
    assert body["words"][0] == {"text": "Good", "confidence": 0.9}
    assert body["confidence"] == pytest.approx(0.9)
    assert body["audio_duration_ms"] == 2780
    assert len(body["session_id"]) == 36
    assert body["request_time_ms"] >= 0
    assert "metadata" not in body
    assert engines.recordings == [b"RIFFsound"]
    assert engines.order.max_ms == MAX_AUDIO_MS


def test_nothing_is_stored(world: World) -> None:
    client_of(world, ScriptedEngines()).post("/v1/transcribe", files=form())
    assert world.stored_files() == []
    assert world.client.get("/v2/transcript").json()["transcripts"] == []
    assert world.jobs.submitted == []


def test_words_have_times_where_they_are_asked_for(world: World) -> None:
    client = client_of(world, ScriptedEngines())
    body = client.post("/v1/transcribe", files=form('{"timestamps": true}')).json()
    assert body["words"][1] == {"text": "day.", "confidence": 0.9, "start": 500, "end": 900}


def test_the_config_says_what_is_listened_for_and_in_which_language(world: World) -> None:
    engines = ScriptedEngines()
    config = (
        '{"language_codes": ["de", "en"], "keyterms_prompt": ["Zeppelin"], "prompt": null,'
        ' "conversation_context": ["Hello"], "unknown": 1}'
    )
    headers = {"X-AAI-Model": "universal-3-5-pro"}
    answer = client_of(world, engines).post("/v1/transcribe", files=form(config), headers=headers)
    options = engines.order.options
    assert options.vocabulary.terms == ("Zeppelin",)
    assert options.language_detection == LanguageDetection(expected_languages=("de", "en"))
    assert options.speech_models == ("universal-3-5-pro",)
    [warning] = answer.json()["metadata"]["warnings"]
    assert warning["message"].startswith("conversation_context has no effect")


def test_the_config_may_follow_the_audio(world: World) -> None:
    parts = dict(reversed(form('{"timestamps": true}').items()))
    body = client_of(world, ScriptedEngines()).post("/v1/transcribe", files=parts).json()
    assert "start" in body["words"][0]


@pytest.mark.parametrize("order", ["config first", "audio first"])
def test_raw_samples_become_a_wav_file(world: World, order: str) -> None:
    engines = ScriptedEngines()
    parts = form('{"sample_rate": 8000, "channels": 2}', bytes(range(9)), "audio/pcm; rate=8000")
    if order == "audio first":
        parts = dict(reversed(parts.items()))
    assert client_of(world, engines).post("/v1/transcribe", files=parts).status_code == 200
    with wave.open(io.BytesIO(engines.recordings[0])) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (8000, 2, 2)
        assert file.readframes(2) == bytes(range(8))


@pytest.mark.parametrize(
    ("config", "kind", "detail"),
    [
        ("{", "audio/wav", "Invalid JSON"),
        ("[]", "audio/wav", "Request body must be a JSON object"),
        ('{"timestamps": "yes"}', "audio/wav", "timestamps must be a Boolean"),
        ('{"language_codes": ["xx"]}', "audio/wav", "not 'xx'"),
        ("{}", "audio/pcm", "`sample_rate` and `channels` are required for audio/pcm"),
        ('{"sample_rate": 9, "channels": 1}', "audio/pcm", "sample_rate must be one of 8000"),
        ('{"sample_rate": 8000, "channels": 3}', "audio/pcm", "channels must be 1 or 2"),
    ],
)
def test_a_config_that_breaks_a_rule_is_a_problem(
    world: World, config: str, kind: str, detail: str
) -> None:
    engines = ScriptedEngines()
    answer = client_of(world, engines).post("/v1/transcribe", files=form(config, kind=kind))
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "Bad Request"
    assert detail in answer.json()["detail"]
    assert engines.orders == []


@pytest.mark.parametrize(
    ("failure", "status", "title"),
    [
        (AudioUnreadable("a/b"), 400, "Bad Audio"),
        (AudioTooShort(), 400, "Audio Too Short"),
        (ClipTooLong(130_000, MAX_AUDIO_MS), 413, "Audio Too Large"),
        (LanguageNotInstalled("language_codes", "de"), 400, "Bad Request"),
        (ModelsLoading(), 503, "Service Unavailable"),
        (ZeroDivisionError("secret"), 500, "Inference Error"),
    ],
)
def test_what_goes_wrong_with_the_recording_is_a_problem(
    world: World, failure: Exception, status: int, title: str
) -> None:
    client = client_of(world, ScriptedEngines(failure=failure))
    answer = client.post("/v1/transcribe", files=form())
    assert (answer.status_code, answer.json()["title"]) == (status, title)
    assert answer.json()["status"] == status
    assert "secret" not in answer.text


def test_a_wav_file_that_ends_early_is_refused_and_others_are_taken(world: World) -> None:
    cut = replace(result_of("Good day."), warnings=(TRUNCATED,))
    client = client_of(world, ScriptedEngines(result=cut))
    answer = client.post("/v1/transcribe", files=form())
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad Audio")
    assert answer.json()["detail"].startswith("truncated WAV: ")
    taken = client.post("/v1/transcribe", files=form(audio=b"ID3"))
    assert taken.json()["metadata"]["warnings"] == [{"message": TRUNCATED}]


def test_a_body_that_is_no_form_or_has_no_audio_is_a_problem(world: World) -> None:
    client = client_of(world, ScriptedEngines())
    answer = client.post("/v1/transcribe", content=b"RIFF")
    assert (answer.status_code, answer.json()["title"]) == (415, "Unsupported Media Type")
    answer = client.post("/v1/transcribe", files={"config": (None, "{}", "application/json")})
    assert answer.json()["detail"] == "request must include an `audio` file part"
    answer = client.post("/v1/transcribe", files=form(audio=bytes(MAX_AUDIO_BYTES + 1)))
    assert (answer.status_code, answer.json()["title"]) == (413, "Audio Too Large")


def test_a_bad_key_and_a_server_without_models_are_problems(world: World) -> None:
    answer = world.client_with("nope").post("/v1/transcribe", files=form())
    assert (answer.status_code, answer.json()["detail"]) == (401, "Invalid API key")
    answer = world.client.post("/v1/transcribe", files=form())
    assert (answer.status_code, answer.json()["title"]) == (503, "Service Unavailable")


def test_a_place_is_given_back_whatever_becomes_of_the_request(world: World) -> None:
    engines = ScriptedEngines()
    client = client_of(world, engines, SyncLimits(max_of_project=1, max_at_once=1))
    for _ in range(3):
        assert client.post("/v1/transcribe", files=form()).status_code == 200
        assert client.post("/v1/transcribe", files=form("{")).status_code == 400
        assert client.post("/v1/transcribe", content=b"").status_code == 415


def test_who_has_no_place_is_told_when_to_come_back(world: World) -> None:
    client = client_of(world, ScriptedEngines(), SyncLimits(max_of_project=0))
    answer = client.post("/v1/transcribe", files=form())
    assert (answer.status_code, answer.json()["title"]) == (429, "Too Many Requests")
    assert answer.headers["retry-after"] == "1"
    client = client_of(world, ScriptedEngines(), SyncLimits(max_at_once=0))
    answer = client.post("/v1/transcribe", files=form())
    assert (answer.status_code, answer.json()["title"]) == (503, "Capacity Exceeded")
    assert answer.headers["retry-after"] == "1"


def test_a_connection_can_be_opened_beforehand(world: World) -> None:
    assert world.client.get("/v1/warm").json() == {"status": "ok"}
    assert world.client.post("/v1/warm").status_code == 405
