import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from earshot.api.app import create_app
from earshot.egress.client import GuardedClient
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.language_models import LanguageModels
from earshot.llm.usage import estimate_tokens
from earshot.storage.schema import usage
from earshot.transcript.result import TranscriptResult
from earshot.transcript.words import Utterance
from earshot.wiring.understanding import UnderstandingOnRequest
from tests.api.conftest import World, result_of
from tests.llm.server import LlmServer, Reply, serving

TEXT = "My name is Anna. Call me at 555-679-3466."
FORMATS: dict[str, Any] = {"custom_formatting": {"phone_number": "(xxx)xxx-xxxx"}}
GERMAN: dict[str, Any] = {"translation": {"target_languages": ["de"]}}
NAMES: dict[str, Any] = {"speaker_identification": {"speaker_type": "name"}}


def call(text: str = TEXT) -> TranscriptResult:
    result = result_of(text)
    words = tuple(replace(word, speaker="A") for word in result.words)
    return replace(result, words=words, utterances=(Utterance(words, "A"),))


def translated(*texts: str) -> Reply:
    return Reply(json.dumps({"translations": texts}))


@contextmanager
def asking(
    world: World, replies: Sequence[Reply] = (), *, max_at_once: int = 8
) -> Iterator[tuple[TestClient, LlmServer]]:
    """The API beside a language model that gives these replies; without any, beside none."""
    with serving(replies) as server:
        endpoints = [LlmEndpoint("fast", server.url, "tiny")] if replies else []
        models = LanguageModels(GuardedClient(), endpoints, timeout_s=60)
        understanding = UnderstandingOnRequest(models, max_at_once=max_at_once)
        services = replace(world.services, understanding=understanding)
        client = TestClient(create_app(services), headers={"Authorization": world.key})
        yield client, server


def body_of(transcript_id: str, request: dict[str, Any]) -> dict[str, Any]:
    return {"transcript_id": transcript_id, "speech_understanding": {"request": request}}


class TestAFinishedTranscript:
    def test_values_are_written_in_form_without_a_language_model(self, world: World) -> None:
        transcript_id = world.completed(call(), speaker_labels=True)
        request = {"custom_formatting": {"phone_number": "xxx.xxx.xxxx", "format_utterances": True}}
        with asking(world) as (client, _):
            answer = client.post("/v1/understanding", json=body_of(transcript_id, request))
        assert answer.status_code == 200, answer.text
        body = answer.json()
        formatted = "My name is Anna. Call me at 555.679.3466."
        assert body["speech_understanding"] == {
            "request": request,
            "response": {
                "custom_formatting": {
                    "mapping": {"555-679-3466": "555.679.3466"},
                    "formatted_text": formatted,
                    "formatted_utterances": [
                        {"speaker": "A", "text": formatted, "start": 0, "end": 3900}
                    ],
                    "status": "success",
                }
            },
        }
        assert body["metadata"]["methods"] == {"custom_formatting": "patterns"}
        assert set(body) == {"request_id", "speech_understanding", "metadata"}

    def test_several_things_are_found_out_at_once(self, world: World) -> None:
        transcript_id = world.completed(call(), speaker_labels=True)
        german = {"translation": {"target_languages": ["de"], "match_original_utterance": True}}
        named = Reply(json.dumps({"speakers": [{"label": "A", "name": "Anna"}]}))
        replies = [named, translated("Ich heisse Anna.")]
        with asking(world, replies) as (client, _):
            request = german | NAMES | FORMATS
            answer = client.post("/v1/understanding", json=body_of(transcript_id, request))
        body = answer.json()
        response = body["speech_understanding"]["response"]
        assert {name: one["status"] for name, one in response.items()} == {
            "translation": "success",
            "speaker_identification": "success",
            "custom_formatting": "success",
        }
        assert response["speaker_identification"]["mapping"] == {"A": "Anna"}
        assert body["translated_texts"] == {"de": "Ich heisse Anna."}
        (utterance,) = body["utterances"]
        assert utterance["speaker"] == "Anna"
        assert utterance["translated_texts"] == {"de": "Ich heisse Anna."}
        assert {word["speaker"] for word in body["words"]} == {"Anna"}

    def test_what_a_language_model_took_is_counted(self, world: World) -> None:
        transcript_id = world.completed(call(), speaker_labels=True)
        with asking(world, [translated("Ich heisse Anna.")]) as (client, server):
            client.post("/v1/understanding", json=body_of(transcript_id, GERMAN | FORMATS))
            client.post("/v1/understanding", json=body_of(transcript_id, FORMATS))
        columns = usage.c.model, usage.c.n_requests, usage.c.input_tokens, usage.c.key_id
        with world.services.engine.connect() as conn:
            ((model, n_requests, n_tokens, key_id),) = conn.execute(sa.select(*columns)).all()
        assert (model, n_requests) == ("tiny", 1)
        assert n_tokens == sum(estimate_tokens(m["content"]) for m in server.asked[0]["messages"])
        assert key_id

    def test_asking_again_answers_the_same_and_changes_nothing(self, world: World) -> None:
        transcript_id = world.completed(call(), speaker_labels=True)
        before = world.client.get(f"/v2/transcript/{transcript_id}").json()
        with asking(world, [Reply(status=401)]) as (client, _):
            answers = [
                client.post("/v1/understanding", json=body_of(transcript_id, NAMES | FORMATS))
                for _ in range(2)
            ]
        first, second = (answer.json() for answer in answers)
        assert first.pop("request_id") != second.pop("request_id")
        assert first == second
        assert world.client.get(f"/v2/transcript/{transcript_id}").json() == before

    def test_one_thing_that_fails_takes_nothing_from_the_others(self, world: World) -> None:
        transcript_id = world.completed(call())
        with asking(world, [Reply(status=401)]) as (client, _):
            answer = client.post("/v1/understanding", json=body_of(transcript_id, GERMAN | FORMATS))
        assert answer.status_code == 200
        response = answer.json()["speech_understanding"]["response"]
        assert response["translation"] == {"status": "unavailable"}
        assert response["custom_formatting"]["status"] == "success"
        assert answer.json()["metadata"]["warning"].startswith("translation into de failed")

    def test_a_redacted_one_is_read_as_it_is_shown(self, world: World) -> None:
        redaction = {"redact_pii": True, "redact_pii_policies": ["phone_number"]}
        transcript_id = world.completed(
            call("Call ############ now."), speaker_labels=True, **redaction
        )
        known = {"speaker_type": "name", "known_values": ["Anna"]}
        request = GERMAN | {"speaker_identification": known}
        with asking(world, [Reply('{"speakers": []}'), translated("Ruf an.")]) as (client, server):
            answer = client.post("/v1/understanding", json=body_of(transcript_id, request))
        assert answer.json()["translated_texts"] == {"de": "Ruf an."}
        assert "############" in server.asked[1]["messages"][1]["content"]
        echo = answer.json()["speech_understanding"]["request"]
        assert echo["speaker_identification"] == {"speaker_type": "name"}


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ({}, "transcript_id must be the id of a transcript"),
            ({"transcript_id": "x"}, "speech_understanding must be an object"),
            (
                body_of("x", {}),
                "speech_understanding.request must be an object with one or more of: "
                "translation, speaker_identification, custom_formatting",
            ),
            (
                body_of("x", {"summarization": {"summary_type": "bullets"}}),
                "speech_understanding.request.summarization is not available on this server yet",
            ),
        ],
    )
    def test_a_request_that_breaks_a_rule(
        self, world: World, body: dict[str, Any], message: str
    ) -> None:
        with asking(world) as (client, _):
            for path in ("", "/validate")[: 1 if "transcript_id must" in message else 2]:
                answer = client.post(f"/v1/understanding{path}", json=body)
                assert answer.status_code == 400
                assert answer.json()["error"]["message"] == message

    def test_a_key_that_opens_nothing(self, world: World) -> None:
        answer = world.client_with("no").post("/v1/understanding", json=body_of("x", FORMATS))
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == 401

    def test_a_transcript_that_is_unknown_or_of_another_project(self, world: World) -> None:
        transcript_id = world.completed(call())
        other = world.new_key("other", "elsewhere")
        with asking(world) as (client, _):
            unknown = client.post("/v1/understanding", json=body_of("no-such-id", FORMATS))
            client.headers["Authorization"] = other
            foreign = client.post("/v1/understanding", json=body_of(transcript_id, FORMATS))
        for answer in (unknown, foreign):
            assert answer.status_code == 404
            assert answer.json()["message"] == "Transcript lookup error, transcript id not found"

    def test_a_transcript_that_is_not_completed(self, world: World) -> None:
        transcript_id = world.submit()
        with asking(world) as (client, _):
            answer = client.post("/v1/understanding", json=body_of(transcript_id, FORMATS))
        assert answer.status_code == 400
        assert "status of 'queued'" in answer.json()["message"]

    def test_a_transcript_that_was_deleted(self, world: World) -> None:
        transcript_id = world.completed(call())
        assert world.client.delete(f"/v2/transcript/{transcript_id}").status_code == 200
        with asking(world) as (client, _):
            answer = client.post("/v1/understanding", json=body_of(transcript_id, FORMATS))
        assert answer.status_code == 404

    @pytest.mark.parametrize(
        ("request_", "named"),
        [
            (GERMAN, "translation is not available: it needs a language model"),
            (
                {"speaker_identification": {"speaker_type": "role", "known_values": ["Agent"]}},
                "speaker_identification is not available by role: it needs a language model",
            ),
        ],
        ids=["translation", "role"],
    )
    def test_what_needs_a_language_model_where_there_is_none(
        self, world: World, request_: dict[str, Any], named: str
    ) -> None:
        transcript_id = world.completed(call(), speaker_labels=True)
        with asking(world) as (client, _):
            answer = client.post("/v1/understanding", json=body_of(transcript_id, request_))
        assert answer.status_code == 400
        assert named in answer.json()["message"]

    def test_names_of_speakers_that_nothing_tells_apart(self, world: World) -> None:
        transcript_id = world.completed(result_of(TEXT))
        with asking(world) as (client, _):
            answer = client.post("/v1/understanding", json=body_of(transcript_id, NAMES))
        assert answer.status_code == 400
        assert answer.json()["message"].startswith("speaker_labels must be true")

    def test_a_server_that_has_nothing_to_understand_with(self, world: World) -> None:
        transcript_id = world.completed(call())
        answer = world.client.post("/v1/understanding", json=body_of(transcript_id, FORMATS))
        assert answer.status_code == 400
        assert answer.json()["message"] == "speech_understanding is not available on this server"

    def test_more_at_once_than_there_are_turns(self, world: World) -> None:
        transcript_id = world.completed(call())
        slow = replace(translated("Hallo."), holds_s=60.0)
        with asking(world, [slow], max_at_once=1) as (client, server):
            body = body_of(transcript_id, GERMAN)
            waiting = Thread(target=client.post, args=("/v1/understanding",), kwargs={"json": body})
            waiting.start()
            while not server.asked:
                waiting.join(0.01)
            answer = client.post("/v1/understanding", json=body_of(transcript_id, FORMATS))
        waiting.join()
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "1"


class TestACheck:
    def test_a_good_request_is_called_good_and_not_done(self, world: World) -> None:
        transcript_id = world.completed(call(), speaker_labels=True)
        with asking(world, [translated("Hallo.")]) as (client, server):
            for body in (body_of(transcript_id, GERMAN | NAMES), {**body_of("", GERMAN)}):
                body = {name: value for name, value in body.items() if value}
                answer = client.post("/v1/understanding/validate", json=body)
                assert answer.status_code == 200, answer.text
                assert answer.json()["valid"] is True
            assert server.asked == []

    def test_it_refuses_what_would_be_refused(self, world: World) -> None:
        transcript_id = world.completed(result_of(TEXT))
        with asking(world) as (client, _):
            for body in (body_of(transcript_id, NAMES), body_of(transcript_id, GERMAN)):
                answer = client.post("/v1/understanding/validate", json=body)
                assert answer.status_code == 400
                assert answer.json()["metadata"]["errors"] == [answer.json()["message"]]


class TestOnSubmit:
    def test_the_transcript_repeats_what_was_asked_for_and_has_it_done(self, world: World) -> None:
        with asking(world, [translated("Hallo.")]) as (client, _):
            answer = client.post(
                "/v2/transcript",
                json={
                    "audio_url": "https://example.com/a.mp3",
                    "speaker_labels": True,
                    "speech_understanding": {"request": GERMAN | NAMES | FORMATS},
                },
            )
        assert answer.status_code == 200, answer.text
        shown = answer.json()["speech_understanding"]
        assert shown == {"request": GERMAN | NAMES | FORMATS, "response": None}
        options = world.row(answer.json()["id"]).options.understanding
        assert options.translation is not None
        assert options.speaker_naming is not None
        assert options.value_formats is not None

    def test_what_needs_a_language_model_is_refused_where_there_is_none(self, world: World) -> None:
        with asking(world) as (client, _):
            answer = client.post(
                "/v2/transcript",
                json={
                    "audio_url": "https://example.com/a.mp3",
                    "speech_understanding": {"request": GERMAN},
                },
            )
        assert answer.status_code == 400
        assert "translation is not available" in answer.json()["error"]
