import json
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from earshot.api.sync_services import SyncLimits
from earshot.errors import AudioTooLong, AudioUnreadable, ClipTooLong, ModelsLoading
from earshot.transcript.options import LanguageDetection, SpeakerOptions
from earshot.transcript.result import LanguageFinding
from earshot.transcript.words import Utterance
from tests.api.conftest import World, result_of, spoken
from tests.api.sync import ScriptedEngines, client_of

TRANSCRIPTIONS = "/v1/audio/transcriptions"
TRANSLATIONS = "/v1/audio/translations"
FILE = {"file": ("speech.mp3", b"ID3sound", "audio/mpeg")}


def post(client: TestClient, path: str = TRANSCRIPTIONS, **fields: Any) -> Any:  # noqa: ANN401 - a response
    return client.post(path, files=FILE, data={"model": "whisper-1", **fields})


def events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line.removeprefix("data: ")) for line in text.split("\n\n") if line]


def test_json_is_the_text_and_how_long_it_was(world: World) -> None:
    engines = ScriptedEngines()
    answer = post(client_of(world, engines))
    assert answer.json() == {
        "text": "Good day. Well said.",
        "usage": {"type": "duration", "seconds": 3},
    }
    assert len(answer.headers["x-request-id"]) == 36
    assert engines.recordings == [b"ID3sound"]
    assert engines.order.max_ms == 3_600_000
    assert engines.order.options.speech_models == ("whisper-1",)
    assert engines.order.take_words is None


def test_nothing_is_stored(world: World) -> None:
    post(client_of(world, ScriptedEngines()))
    assert world.stored_files() == []
    assert world.jobs.submitted == []


@pytest.mark.parametrize(
    ("response_format", "beginning"),
    [("text", "Good day. Well said.\n"), ("srt", "1\n00:00:00,000 -->"), ("vtt", "WEBVTT\n\n")],
)
def test_text_and_captions_are_plain(world: World, response_format: str, beginning: str) -> None:
    answer = post(client_of(world, ScriptedEngines()), response_format=response_format)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.startswith(beginning)


def test_what_had_no_effect_is_told_in_every_form(world: World) -> None:
    client = client_of(world, ScriptedEngines())
    body = post(client, temperature="0.5").json()
    assert body["warnings"] == ["temperature has no effect: the same speech gives the same words"]
    plain = post(client, temperature="0.5", response_format="text")
    assert json.loads(plain.headers["x-earshot-warnings"]) == body["warnings"]
    assert "x-earshot-warnings" not in post(client, response_format="text").headers


def test_speakers_are_told_apart_for_diarized_json(world: World) -> None:
    utterances = (Utterance(spoken("Good day."), "A"), Utterance(spoken("Hm.", start_ms=2000), "B"))
    engines = ScriptedEngines(replace(result_of("Good day. Hm."), utterances=utterances))
    body = post(client_of(world, engines), response_format="diarized_json").json()
    assert engines.order.options.speakers == SpeakerOptions()
    assert body["segments"][1] == {
        "type": "transcript.text.segment",
        "id": "seg_002",
        "start": 2.0,
        "end": 2.4,
        "text": "Hm.",
        "speaker": "B",
    }
    streamed = post(client_of(world, engines), response_format="diarized_json", stream="true")
    assert [e["type"] for e in events(streamed.text)][-3:] == [
        "transcript.text.segment",
        "transcript.text.segment",
        "transcript.text.done",
    ]


def test_a_stream_is_a_sentence_at_a_time_and_then_the_whole(world: World) -> None:
    answer = post(client_of(world, ScriptedEngines()), stream="true")
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["x-accel-buffering"] == "no"
    assert events(answer.text) == [
        {"type": "transcript.text.delta", "delta": "Good day."},
        {"type": "transcript.text.delta", "delta": " Well said."},
        {"type": "transcript.text.done", "text": "Good day. Well said."},
    ]


def test_silence_streams_too(world: World) -> None:
    silent = replace(result_of(""), duration_ms=5000)
    engines = ScriptedEngines(silent)
    client = client_of(world, engines)
    assert events(post(client, stream="true").text)[-1] == {
        "type": "transcript.text.done",
        "text": "",
    }


@pytest.mark.parametrize("stream", ["true", "false"])
@pytest.mark.parametrize(
    ("failure", "status", "kind", "code"),
    [
        (AudioUnreadable("a/b"), 400, "invalid_request_error", "audio_unreadable"),
        (AudioTooLong(), 413, "invalid_request_error", "audio_too_long"),
        (ClipTooLong(9, 8), 413, "invalid_request_error", "clip_too_long"),
        (ModelsLoading(), 503, "server_error", "models_loading"),
        (ZeroDivisionError("secret"), 500, "server_error", None),
    ],
)
def test_what_goes_wrong_has_its_status_streamed_or_not(
    world: World, failure: Exception, status: int, kind: str, code: str | None, stream: str
) -> None:
    answer = post(client_of(world, ScriptedEngines(failure=failure)), stream=stream)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert (error["type"], error["code"], error["param"]) == (kind, code, None)
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("failure", "code", "is_logged"),
    [(ModelsLoading(), "models_loading", False), (ZeroDivisionError("secret"), None, True)],
)
def test_what_goes_wrong_after_the_first_words_is_told_in_the_stream(
    world: World,
    failure: Exception,
    code: str | None,
    is_logged: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    engines = ScriptedEngines(failure=failure, fails_late=True)
    answer = post(client_of(world, engines), stream="true")
    assert answer.status_code == 200
    first, *_, last = events(answer.text)
    assert first["delta"] == "Good day."
    assert (last["error"]["type"], last["error"]["code"]) == ("server_error", code)
    assert "secret" not in answer.text
    assert ("stream_failed" in caplog.messages) is is_logged


def test_the_pieces_of_a_text_without_spaces_make_the_whole(world: World) -> None:
    words = "今日は 晴れです。 明日は 雨。 Rain, I mean."
    answer = post(client_of(world, ScriptedEngines(result_of(words))), stream="true")
    *deltas, done = events(answer.text)
    assert done["text"] == "今日は晴れです。明日は雨。 Rain, I mean."
    assert "".join(delta["delta"] for delta in deltas) == done["text"]


def test_known_speakers_are_refused_however_large_their_samples_are(world: World) -> None:
    samples = {"known_speaker_references[]": "data:audio/wav;base64," + "A" * 400_000}
    answer = post(client_of(world, ScriptedEngines()), response_format="diarized_json", **samples)
    assert answer.status_code == 400
    assert "known_speaker_names is not available" in answer.json()["error"]["message"]


def test_a_language_that_was_found_out_is_told(world: World) -> None:
    found = replace(result_of("Guten Tag."), language_code="de")
    found = replace(found, language_finding=LanguageFinding(0.9, None))
    client = client_of(world, ScriptedEngines(found, detects_languages=True))
    assert post(client).json()["languages"] == [{"code": "de"}]
    assert events(post(client, stream="true").text)[-1]["languages"] == [{"code": "de"}]
    assert "languages" not in post(client, language="de").json()
    silent = client_of(world, ScriptedEngines(result_of(""), detects_languages=True))
    assert post(silent).json()["languages"] == []


def test_requests_that_break_a_rule_are_refused_in_openais_form(world: World) -> None:
    client = client_of(world, ScriptedEngines(), SyncLimits(max_bytes=100))
    unknown = post(client, model="whisper-9")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "model_not_found")
    assert client.post(TRANSCRIPTIONS, content=b"x").status_code == 415
    nothing = client.post(TRANSCRIPTIONS, data={"model": "a"}, files={"other": (None, b"", None)})
    assert nothing.json()["error"]["message"] == "file must be given"
    large = client.post(TRANSCRIPTIONS, files={"file": ("a", bytes(101))}, data={"model": "a"})
    assert large.status_code == 413
    stranger = world.client_with("nope").post(TRANSCRIPTIONS, files=FILE)
    assert stranger.status_code == 401
    assert stranger.json()["error"]["code"] == "invalid_api_key"
    assert post(world.client).status_code == 503


def test_who_has_no_place_is_told_when_to_come_back(world: World) -> None:
    answer = post(client_of(world, ScriptedEngines(), SyncLimits(max_of_project=0)))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert answer.json()["error"]["type"] == "rate_limit_error"


def test_translations_need_a_model_that_translates(world: World) -> None:
    refused = post(client_of(world, ScriptedEngines()), TRANSLATIONS)
    assert refused.status_code == 400
    assert "no model of it translates" in refused.json()["error"]["message"]
    engines = ScriptedEngines(translator="whisper-small")
    answer = post(client_of(world, engines), TRANSLATIONS, response_format="verbose_json")
    options = engines.order.options
    assert options.translate_to == "en"
    assert options.language_detection == LanguageDetection()
    assert options.speech_models == ("whisper-small", "whisper-1")
    assert (answer.json()["task"], answer.json()["language"]) == ("translate", "english")
