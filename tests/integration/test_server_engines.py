"""A server with a second engine: other languages, tiers, and what becomes of it when it is gone."""

import json
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from earshot.audio.waveform import SAMPLE_RATE, Samples, pcm16_from_samples
from earshot.models.store import ModelStore
from earshot.understanding.language_names import name_language
from tests.processes import Api, Installation, Server
from tests.tiny_models import SCRIPT_WORDS, WHISPER_HEARD_LANGUAGE, make_tiny_whisper

pytestmark = pytest.mark.slow
SCRIPT = " ".join(SCRIPT_WORDS)


def install_with_whisper(folder: Path, models: ModelStore) -> Installation:
    """An installation whose `whisper-tiny` is a tiny model, which says the same of everything."""
    store = folder / "models"
    store.mkdir(parents=True)
    for name in ("moonshine", "silero"):
        models.files(name)
        (store / name).symlink_to(models.path(name))
    settings = {
        "EARSHOT_TIERS": "nano=whisper-tiny,universal-3-pro=whisper-large-v3",
        "EARSHOT_MODEL_IDLE_S": "2",
    }
    installation = Installation(folder, store, **settings)
    published = make_tiny_whisper(folder / "published")
    pulled = installation.run("models", "pull", "whisper-tiny", "--from", str(published))
    assert pulled.returncode == 0, pulled.stderr
    return installation


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, models: ModelStore
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("server")
    with closing(install_with_whisper(folder, models)) as installation:
        yield installation


@pytest.fixture(scope="module")
def server(installation: Installation) -> Server:
    server = installation.serve()
    server.await_ready()
    return server


@pytest.fixture(scope="module")
def api(installation: Installation, server: Server) -> Api:
    return installation.api(server)


@pytest.mark.parametrize("code", ["de", "de_ch", "nn", "haw"])
def test_another_language_is_transcribed_by_the_engine_that_knows_it(
    api: Api, speech: bytes, code: str
) -> None:
    transcript = api.transcribe(speech, language_code=code)
    assert transcript["status"] == "completed", transcript["error"]
    assert transcript["language_code"] == code
    assert transcript["speech_model_used"] == "whisper-tiny"
    said = transcript["text"].lower().removesuffix(".").split()
    assert said[:4] == SCRIPT.removesuffix(".").split()
    edges = [edge for word in transcript["words"] for edge in (word["start"], word["end"])]
    assert edges == sorted(edges)


def test_a_language_that_is_found_out_fails_where_secrets_would_stay_readable_in_it(
    api: Api, speech: bytes
) -> None:
    by_policy = {"redact_pii": True, "redact_pii_policies": ["email_address"]}
    transcript = api.transcribe(speech, language_detection=True, **by_policy)
    told = "The following models are not available in this language: redact_pii"
    assert (transcript["status"], transcript["error"]) == ("error", told)
    own = {"redact_pii": True, "redact_static_entities": {"verb": ["Beat on"]}}
    transcript = api.transcribe(speech, language_detection=True, **own)
    assert transcript["text"].lower().startswith("so we #### ##")


def test_a_language_that_is_found_out_goes_to_the_engine_that_knows_it(
    api: Api, speech: bytes
) -> None:
    transcript = api.transcribe(speech, language_detection=True)
    assert transcript["status"] == "completed", transcript["error"]
    assert transcript["language_code"] == WHISPER_HEARD_LANGUAGE
    assert transcript["language_confidence"] > 0.9
    assert transcript["speech_model_used"] == "whisper-tiny"


def test_english_stays_with_the_embedded_engine_unless_a_tier_says_otherwise(
    api: Api, speech: bytes
) -> None:
    embedded = api.transcribe(speech)
    assert embedded["speech_model_used"] == "moonshine-tiny-en"
    assert "best of times" in embedded["text"]
    nano = api.transcribe(speech, speech_model="nano")
    assert (nano["speech_model"], nano["speech_model_used"]) == ("nano", "whisper-tiny")


def test_the_first_tier_whose_engine_is_installed_transcribes(api: Api, speech: bytes) -> None:
    listed = ["universal-3-pro", "universal-2"]
    transcript = api.transcribe(speech, speech_models=listed)
    assert transcript["speech_models"] == listed
    assert transcript["speech_model_used"] == "moonshine-tiny-en"


def test_a_transcript_at_once_is_by_the_engine_that_knows_the_language(
    api: Api, speech: bytes
) -> None:
    audio = {"audio": ("a.wav", speech, "audio/wav")}
    config = {"config": (None, '{"language_codes": ["de"]}', "application/json")}
    answer = api.json("POST", "/v1/transcribe", files={**config, **audio})
    assert answer["text"].lower().removesuffix(".").split()[:4] == SCRIPT.removesuffix(".").split()
    english = api.json("POST", "/v1/transcribe", files=audio)
    assert "best of times" in english["text"]


def test_without_a_language_model_the_engine_writes_english_beside_what_is_said(
    api: Api, speech: bytes
) -> None:
    asked = {"request": {"translation": {"target_languages": ["en"]}}}
    for language in ({"language_code": "fr"}, {"language_detection": True}):
        transcript = api.transcribe(speech, speech_understanding=asked, **language)
        assert transcript["status"] == "completed", transcript["error"]
        # A tiny model says the same in every language.
        heard = transcript["translated_texts"]["en"].lower().removesuffix(".").split()
        assert heard[:4] == SCRIPT.removesuffix(".").split()
        assert transcript["metadata"]["methods"] == {"translation": "speech:whisper-tiny"}
        response = transcript["speech_understanding"]["response"]
        assert response["translation"] == {"status": "success"}


def ask_openai_s_way(api: Api, speech: bytes, what: str, **fields: str) -> dict[str, Any]:
    given = {"model": "whisper-1", "response_format": "verbose_json", **fields}
    files = {"file": ("a.wav", speech), **{name: (None, text) for name, text in given.items()}}
    return api.json("POST", f"/v1/audio/{what}", files=files)


def test_openai_s_routes_find_the_language_out_and_translate(api: Api, speech: bytes) -> None:
    heard = ask_openai_s_way(api, speech, "transcriptions")
    assert heard["language"] == name_language(WHISPER_HEARD_LANGUAGE).lower()
    translated = ask_openai_s_way(api, speech, "translations")
    assert (translated["task"], translated["language"]) == ("translate", "english")
    assert translated["text"]
    assert "warnings" not in translated
    named = ask_openai_s_way(api, speech, "transcriptions", language="en", model="whisper-tiny")
    assert "best of times" not in named["text"]


def test_an_engine_that_nobody_uses_is_unloaded_and_comes_back(
    api: Api, server: Server, speech: bytes
) -> None:
    api.transcribe(speech, language_code="fr")
    n_unloaded = server.log.count("engine_unloaded")
    server.until(lambda: server.log.count("engine_unloaded") > n_unloaded, "it is unloaded")
    transcript = api.transcribe(speech, language_code="fr")
    assert transcript["speech_model_used"] == "whisper-tiny"


def hold_session(server: Server, key: str, samples: Samples, **query: str) -> list[dict[str, Any]]:
    """Whatever a live session tells that hears these samples."""
    url = f"{server.url.replace('http', 'ws', 1)}/v3/ws?{urlencode(query)}"
    with connect(url, additional_headers={"Authorization": key}) as opened:
        pcm = pcm16_from_samples(samples)
        for start in range(0, len(pcm), 3200):
            opened.send(pcm[start : start + 3200])
        opened.send('{"type":"Terminate"}')
        messages = []
        with suppress(ConnectionClosed):
            while True:
                messages.append(json.loads(opened.recv(120)))
    return messages


@pytest.mark.parametrize("asked", [{}, {"language_code": "fr"}])
def test_a_live_session_of_whisper_is_heard_by_it_in_the_language_that_it_hears_or_is_told(
    installation: Installation, server: Server, two_cities: Samples, asked: dict[str, str]
) -> None:
    query = {"speech_model": "whisper-rt", "language_detection": "true", **asked}
    messages = hold_session(server, installation.key, two_cities[: 6 * SAMPLE_RATE], **query)
    assert messages[0]["configuration"]["model"] == "whisper-tiny"
    assert "Warning" not in {message["type"] for message in messages}
    ends = [one for one in messages if one["type"] == "Turn" and one["end_of_turn"]]
    assert ends[0]["transcript"].startswith("so we beat")
    assert ends[0]["language_code"] == WHISPER_HEARD_LANGUAGE
    assert messages[-1]["type"] == "Termination"


def test_a_language_that_no_engine_knows_is_refused_with_what_would_help(api: Api) -> None:
    body = {"audio_url": "https://example.com/a.mp3", "language_code": "yue"}
    answer = api.call("POST", "/v2/transcript", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(
        "language_code 'yue' is not available on this server: no installed model transcribes it. "
        "Run: earshot models pull whisper-"
    )


def test_a_model_that_was_damaged_fails_its_transcripts_and_no_others(
    tmp_path: Path, models: ModelStore, speech: bytes
) -> None:
    with closing(install_with_whisper(tmp_path / "server", models)) as installation:
        weights = tmp_path / "server" / "models" / "whisper-tiny" / "model.bin"
        weights.write_bytes(weights.read_bytes()[:-1] + b"x")
        server = installation.serve()
        server.await_ready()
        api = installation.api(server)
        failed = api.transcribe(speech, language_code="de")
        assert failed["status"] == "error"
        assert failed["error"] == "Server error, developers have been alerted."
        assert api.transcribe(speech)["status"] == "completed"
