"""Speech understanding by a whole server: asked for with a recording, and of a finished one."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.llm.server import LlmServer, Reply, serving
from tests.processes import Installation

pytestmark = pytest.mark.slow
Install = Callable[..., Installation]
ASKED: dict[str, Any] = {
    "translation": {"target_languages": ["de"], "match_original_utterance": True},
    "speaker_identification": {"speaker_type": "role", "known_values": ["Narrator"]},
    "custom_formatting": {"date": "mm/dd/yyyy"},
}
HIDING: dict[str, Any] = {"redact_pii": True, "redact_static_entities": {"mood": ["worst"]}}


def reply(asked: dict[str, Any]) -> Reply:
    """What a model would answer that has understood."""
    instructions, material = (message["content"] for message in asked["messages"][:2])
    if "Translate" in instructions:
        return Reply(json.dumps({"translations": ["Es war." for _ in json.loads(material)]}))
    return Reply(json.dumps({"speakers": [{"label": "A", "name": "narrator"}]}))


def texts_told(server: LlmServer) -> str:
    return " ".join(message["content"] for one in server.asked for message in one["messages"])


def test_what_is_asked_for_with_a_recording_is_in_its_transcript(
    install: Install, speech: bytes
) -> None:
    with serving(reply) as model:
        earshot = install(EARSHOT_LLM_URL=model.url, EARSHOT_LLM_MODEL="tiny")
        api = earshot.api(earshot.serve())
        transcript = api.transcribe(
            speech, speaker_labels=True, speech_understanding={"request": ASKED}, **HIDING
        )
        assert transcript["status"] == "completed"
        response = transcript["speech_understanding"]["response"]
        assert {name: one["status"] for name, one in response.items()} == dict.fromkeys(
            ASKED, "success"
        )
        assert response["speaker_identification"]["mapping"] == {"A": "Narrator"}
        assert response["custom_formatting"]["formatted_text"] == transcript["text"]
        assert transcript["translated_texts"]["de"].startswith("Es war.")
        for utterance in transcript["utterances"]:
            assert utterance["speaker"] == "Narrator"
            assert utterance["translated_texts"] == {"de": "Es war."}
        assert {word["speaker"] for word in transcript["words"]} == {"Narrator"}
        assert "known_values" not in str(transcript["speech_understanding"]["request"])
        assert "#####" in texts_told(model)
        assert "worst" not in texts_told(model).lower()


def test_a_finished_transcript_is_understood_later_and_again(
    install: Install, speech: bytes
) -> None:
    with serving(reply) as model:
        earshot = install(EARSHOT_LLM_URL=model.url, EARSHOT_LLM_MODEL="tiny")
        api = earshot.api(earshot.serve())
        transcript = api.transcribe(speech, speaker_labels=True, **HIDING)
        body = {"transcript_id": transcript["id"], "speech_understanding": {"request": ASKED}}
        answers = [api.json("POST", "/v1/understanding", json=body) for _ in range(2)]
        assert answers[0].pop("request_id") != answers[1].pop("request_id")
        assert answers[0] == answers[1]
        assert {utterance["speaker"] for utterance in answers[0]["utterances"]} == {"Narrator"}
        assert answers[0]["translated_texts"]["de"].startswith("Es war.")
        assert "worst" not in texts_told(model).lower()
        assert api.get(transcript["id"]) == transcript
    # The model is gone: what needs it is unavailable, and the rest is there.
    answer = api.json("POST", "/v1/understanding", json=body)
    response = answer["speech_understanding"]["response"]
    assert response["translation"] == {"status": "unavailable"}
    assert response["speaker_identification"] == {"status": "unavailable", "mapping": None}
    assert response["custom_formatting"]["status"] == "success"
    assert "127.0.0.1" not in json.dumps(answer)


def test_without_a_language_model_names_and_forms_are_there_and_translations_refused(
    install: Install, speech: bytes
) -> None:
    earshot = install()
    api = earshot.api(earshot.serve())
    asked = {**ASKED, "speaker_identification": {"speaker_type": "name"}}
    refused = api.call(
        "POST",
        "/v2/transcript",
        json={
            "audio_url": api.upload(speech),
            "speaker_labels": True,
            "speech_understanding": {"request": asked},
        },
    )
    assert refused.status_code == 400
    assert "translation is not available" in refused.json()["error"]
    del asked["translation"]
    transcript = api.transcribe(
        speech, speaker_labels=True, speech_understanding={"request": asked}
    )
    response = transcript["speech_understanding"]["response"]
    assert response["speaker_identification"] == {"status": "success", "mapping": {}}
    assert response["custom_formatting"]["status"] == "success"
    assert {word["speaker"] for word in transcript["words"]} == {"A"}
    assert "could not tell who these are: A" in transcript["metadata"]["warning"]
