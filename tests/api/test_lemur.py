import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from earshot.accounts.projects import ensure_project
from earshot.api.app import create_app
from earshot.api.lemur import TOO_LONG
from earshot.egress.client import GuardedClient
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.language_models import LanguageModels
from earshot.storage.projects import set_project_limits
from earshot.storage.schema import lemur_requests, usage
from earshot.transcript.result import TranscriptResult, Unredacted
from tests.api.conftest import World, result_of, spoken
from tests.api.leaver import Leaver
from tests.llm.server import LlmServer, Reply, refusal, serving

SMOKE = "Wildfires burn in Canada. The smoke is bad. Please close your windows."
KINDS = ("task", "summary", "question-answer", "action-items")
Replies = Sequence[Reply] | Callable[[dict[str, Any]], Reply]


@contextmanager
def asking(
    world: World,
    replies: Replies = (),
    **options: Any,  # noqa: ANN401 - of ApiOptions
) -> Iterator[tuple[TestClient, LlmServer]]:
    """The API beside a language model that gives these replies; without any, beside none."""
    with serving(replies) as server:
        endpoints = [LlmEndpoint("fast", server.url, "tiny")] if replies else []
        models = LanguageModels(GuardedClient(), endpoints, timeout_s=options.get("lemur_s", 5))
        services = replace(
            world.services,
            language_models=models,
            options=replace(world.services.options, **options),
        )
        yield TestClient(create_app(services), headers={"Authorization": world.key}), server


def body_for(kind: str, **more: object) -> dict[str, object]:
    bodies: dict[str, dict[str, object]] = {
        "task": {"prompt": "What about the smoke?"},
        "question-answer": {"questions": [{"question": "Where are wildfires?"}]},
    }
    return bodies.get(kind, {}) | more


def post(client: TestClient, kind: str, **body: object) -> dict[str, Any]:
    answer = client.post(f"/lemur/v3/generate/{kind}", json=body_for(kind, **body))
    assert answer.status_code == 200, answer.text
    answered: dict[str, Any] = answer.json()
    return answered


def tokens(world: World) -> list[tuple[str, int, int]]:
    """What was counted: the model, and the tokens that it read and wrote."""
    columns = usage.c.model, usage.c.input_tokens, usage.c.output_tokens
    with world.services.engine.connect() as conn:
        return [tuple(row) for row in conn.execute(sa.select(*columns))]


def error_of(client: TestClient, kind: str, **body: object) -> tuple[int, str]:
    answer = client.post(f"/lemur/v3/generate/{kind}", json=body)
    return answer.status_code, answer.json()["error"]


class TestWithALanguageModel:
    def test_an_answer_is_written_from_the_text_of_the_transcripts(self, world: World) -> None:
        ids = [world.completed(result_of(SMOKE)), world.completed(result_of("Second."))]
        with asking(world, [Reply("It is bad.")]) as (client, server):
            answer = post(client, "task", transcript_ids=ids, max_output_size=50, temperature=0.5)
        assert answer["response"] == "It is bad."
        assert answer["usage"]["input_tokens"] > 0
        assert answer["metadata"]["method"] == "llm:fast"
        assert answer["metadata"]["model"] == "tiny"
        assert answer["metadata"]["citations"][0] == {
            "transcript_id": ids[0],
            "start": 2000,
            "end": 3900,
            "text": "The smoke is bad.",
        }
        (asked,) = server.asked
        assert asked["messages"][1]["content"] == f"{SMOKE}\n\nSecond."
        assert (asked["max_tokens"], asked["temperature"]) == (50, 0.5)

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_sdk_s_sources_and_its_context_are_taken(self, world: World, kind: str) -> None:
        source = {"id": world.completed(result_of(SMOKE)), "type": "transcript"}
        context = {"speaker": "a reporter"}
        with asking(world, [Reply("Yes.")]) as (client, server):
            post(client, kind, sources=[source], context=context, final_model="default")
        assert '{"speaker": "a reporter"}' in server.asked[0]["messages"][0]["content"]

    def test_questions_are_answered_in_their_order(self, world: World) -> None:
        def reply(asked: dict[str, Any]) -> Reply:
            is_first = "Where are" in asked["messages"][0]["content"]
            return Reply("Canada" if is_first else "yes!")

        questions = [
            {"question": "Where are wildfires?", "answer_format": "a country"},
            {"question": "Is smoke bad?", "context": {"a": 1}, "answer_options": ["Yes", "No"]},
        ]
        with asking(world, reply) as (client, _):
            answer = post(client, "question-answer", input_text=SMOKE, questions=questions)
        assert answer["response"] == [
            {"question": "Where are wildfires?", "answer": "Canada"},
            {"question": "Is smoke bad?", "answer": "Yes"},
        ]

    @pytest.mark.parametrize(
        "reply",
        [Reply(status=500), Reply(status=401), Reply(body=b"{"), Reply("<think>Hm.</think>")],
    )
    def test_where_it_is_of_no_use_that_is_told(self, world: World, reply: Reply) -> None:
        with asking(world, [reply], lemur_s=0.5) as (client, _):
            status, error = error_of(client, "summary", input_text=SMOKE)
        assert status == 503
        assert error == "The language model of this server did not answer; try again"

    def test_one_that_is_too_slow_is_not_waited_for(self, world: World) -> None:
        with asking(world, [Reply("Late.", holds_s=60)], lemur_s=0.2) as (client, _):
            assert error_of(client, "summary", input_text=SMOKE)[0] == 503

    @pytest.mark.parametrize("reply", [Reply(status=401), refusal("The context length is 10.")])
    def test_what_it_took_is_counted_though_no_answer_came_of_it(
        self, world: World, reply: Reply
    ) -> None:
        def answer_the_notes(asked: dict[str, Any]) -> Reply:
            is_part = "a part of a longer transcript" in asked["messages"][0]["content"]
            return Reply("A note.") if is_part else reply

        with asking(world, answer_the_notes, llm_window_tokens=1000) as (client, server):
            status, _ = error_of(client, "summary", input_text=SMOKE * 50)
        assert status == (503 if reply.status == 401 else 400)
        (used,) = tokens(world)
        assert used[0] == "tiny"
        assert used[1] > 500
        assert used[2] == 2 * (len(server.asked) - 1)

    def test_all_that_it_took_is_counted_once(self, world: World) -> None:
        with asking(world, [Reply("A note.")], llm_window_tokens=1000) as (client, _):
            usage_told = post(client, "summary", input_text=SMOKE * 50)["usage"]
        assert tokens(world) == [("tiny", usage_told["input_tokens"], usage_told["output_tokens"])]

    def test_what_is_too_long_to_be_asked_is_said_to_be(self, world: World) -> None:
        with asking(world, [Reply("Yes.")], llm_window_tokens=1000) as (client, server):
            told = error_of(client, "task", input_text="x", prompt="Why? " * 1000)
        assert told == (400, TOO_LONG)
        assert server.asked == []

    def test_what_the_model_says_is_too_long_is_no_failure_of_it(self, world: World) -> None:
        with asking(world, [refusal("Exceeds the context window.")]) as (client, _):
            assert error_of(client, "summary", input_text="x") == (400, TOO_LONG)

    def test_the_time_is_for_all_of_the_request(self, world: World) -> None:
        with asking(world, [Reply("Yes.")], lemur_s=0.0) as (client, server):
            assert error_of(client, "summary", input_text=SMOKE)[0] == 503
        assert server.asked == []

    def test_what_was_hidden_is_not_sent_nor_said(self, world: World) -> None:
        redacted = result_of(
            "The doctor is ####.", unredacted=Unredacted(spoken("The doctor is Anna."), None)
        )
        options = {"redact_pii": True, "redact_pii_policies": ["phone_number"]}
        transcript_id = world.completed(redacted, **options)
        with asking(world, [Reply("Done.")]) as (client, server):
            post(client, "summary", transcript_ids=[transcript_id])
        assert server.asked[0]["messages"][1]["content"] == "The doctor is ####."
        with asking(world) as (client, _):
            answer = post(client, "task", transcript_ids=[transcript_id], prompt="Which doctor?")
        assert "Anna" not in str(answer)
        assert "####" in answer["response"]

    def test_no_word_is_in_the_log(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        for replies in ([Reply("Ablaze.")], [Reply(status=500)], ()):
            with asking(world, replies, lemur_s=0.5) as (client, _):
                client.post(
                    "/lemur/v3/generate/task", json={"prompt": "Zounds?", "input_text": SMOKE}
                )
        told = caplog.text + "".join(str(vars(one)) for one in caplog.records)
        for word in ("Wildfires", "Zounds", "Ablaze"):
            assert word not in told


class TestWithoutALanguageModel:
    @pytest.mark.parametrize("kind", KINDS)
    def test_the_answer_says_how_it_was_made(self, world: World, kind: str) -> None:
        transcript_id = world.completed(result_of(SMOKE))
        with asking(world) as (client, _):
            answer = client.post(
                f"/lemur/v3/generate/{kind}", json=body_for(kind, transcript_ids=[transcript_id])
            )
        assert answer.headers["X-Earshot-Method"] == "extractive"
        body = answer.json()
        assert body["metadata"]["method"] == "extractive"
        assert body["metadata"]["model"] is None
        assert body["usage"] == {"input_tokens": 0, "output_tokens": 0}
        assert body["metadata"]["citations"][0]["transcript_id"] == transcript_id

    def test_a_question_is_answered_by_a_quotation(self, world: World) -> None:
        transcript_id = world.completed(result_of(SMOKE))
        with asking(world) as (client, _):
            answer = post(client, "question-answer", transcript_ids=[transcript_id])
        (first,) = answer["response"]
        assert first == {
            "question": "Where are wildfires?",
            "answer": 'At 00:00: "Wildfires burn in Canada."',
        }

    def test_of_a_text_no_times_are_told(self, world: World) -> None:
        with asking(world) as (client, _):
            answer = post(client, "action-items", input_text=SMOKE)
        assert answer["response"] == "- Please close your windows."
        assert answer["metadata"]["citations"] == [{"text": "Please close your windows."}]


class TestWhatIsKept:
    @pytest.mark.parametrize("kind", KINDS)
    def test_an_answer_is_there_again_until_it_is_purged(self, world: World, kind: str) -> None:
        with asking(world) as (client, _):
            answer = post(client, kind, input_text=SMOKE)
            path = f"/lemur/v3/{answer['request_id']}"
            assert client.get(path).json() == answer
            purged = client.delete(path).json()
            assert purged.pop("request_id") != answer["request_id"]
            assert purged == {"request_id_to_purge": answer["request_id"], "deleted": True}
            for again in (client.get(path), client.delete(path)):
                assert (again.status_code, again.json()) == (404, {"error": "Not found"})

    @pytest.mark.parametrize("name", ["nobody", "%00", "%ff", "a%20b"])
    def test_what_is_no_answer_is_not_found(self, world: World, name: str) -> None:
        for method in ("GET", "DELETE"):
            assert world.client.request(method, f"/lemur/v3/{name}").status_code == 404

    def test_what_cannot_be_written_down_is_marked(self, world: World) -> None:
        body = b'{"choices": [{"message": {"content": "a\\ud800\\u0000b"}}]}'
        with asking(world, [Reply(body=body)]) as (client, _):
            answer = post(client, "summary", input_text=SMOKE)
            assert answer["response"] == "a\ufffd\ufffdb"
            assert client.get(f"/lemur/v3/{answer['request_id']}").json() == answer

    def test_another_project_s_answer_is_not_there(self, world: World) -> None:
        with asking(world) as (client, _):
            path = f"/lemur/v3/{post(client, 'summary', input_text=SMOKE)['request_id']}"
        stranger = world.client_with(world.new_key("second", "press"))
        assert stranger.get(path).status_code == 404
        assert stranger.delete(path).status_code == 404
        assert world.client.get(path).status_code == 200

    def test_an_answer_goes_with_its_transcript(self, world: World) -> None:
        ids = [world.completed(result_of(SMOKE)), world.completed(result_of("Second."))]
        with asking(world) as (client, _):
            path = f"/lemur/v3/{post(client, 'summary', transcript_ids=ids)['request_id']}"
            assert client.get(path).status_code == 200
            client.delete(f"/v2/transcript/{ids[1]}")
            assert client.get(path).status_code == 404

    def test_a_transcript_that_is_deleted_before_it_is_asked_about_is_not_there(
        self, world: World
    ) -> None:
        transcript_id = world.completed(result_of(SMOKE))

        def delete_it() -> str:  # it was read, and its request has no row yet
            world.client.delete(f"/v2/transcript/{transcript_id}")
            return str(uuid.uuid4())

        services = replace(world.services, new_id=delete_it)
        client = TestClient(create_app(services), headers={"Authorization": world.key})
        assert error_of(client, "summary", transcript_ids=[transcript_id]) == (
            400,
            "Transcript lookup error, transcript id not found",
        )
        with world.services.engine.connect() as conn:
            assert conn.execute(sa.select(lemur_requests)).all() == []

    def test_what_is_answered_after_its_transcript_was_deleted_is_not_told(
        self, world: World
    ) -> None:
        transcript_id = world.completed(result_of(SMOKE))

        def reply(_: dict[str, Any]) -> Reply:
            world.client.delete(f"/v2/transcript/{transcript_id}")
            return Reply("Too late.")

        with asking(world, reply) as (client, _):
            assert error_of(client, "summary", transcript_ids=[transcript_id]) == (
                400,
                "Transcript lookup error, transcript id not found",
            )


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("kind", "body", "message"),
        [
            ("task", {}, "prompt must be a string that is not empty"),
            ("task", {"prompt": " "}, "prompt must be a string that is not empty"),
            ("summary", {}, "either transcript_ids or input_text must be given, and not both"),
            (
                "summary",
                {"transcript_ids": [str(uuid.UUID(int=0))], "input_text": "x"},
                "either transcript_ids or input_text must be given, and not both",
            ),
            ("summary", {"transcript_ids": ["x"]}, "each transcript source id must be valid"),
            (
                "summary",
                {"sources": [{"id": "x", "type": "transcript"}]},
                "each transcript source id must be valid",
            ),
            (
                "summary",
                {"input_text": "x", "temperature": 2},
                "temperature must be a number between 0 and 1 (inclusive)",
            ),
            (
                "summary",
                {"input_text": "x", "max_output_size": 4001},
                "max_output_size must be at most 4000 for final_model default",
            ),
            (
                "summary",
                {"input_text": "word " * 200_001},
                "what is asked, context and input_text must be at most 200000 tokens",
            ),
            ("summary", {"context": 1}, "context must be a string or an object"),
            (
                "question-answer",
                {
                    "input_text": "x",
                    "questions": [{"question": "a", "answer_format": "b", "answer_options": ["c"]}],
                },
                "questions must not have both answer_format and answer_options",
            ),
        ],
    )
    def test_a_request_that_breaks_a_rule(
        self, world: World, kind: str, body: dict[str, Any], message: str
    ) -> None:
        assert error_of(world.client, kind, **body) == (400, message)

    @pytest.mark.parametrize("questions", [[], [{}], [{"question": ""}], "Why?"])
    def test_questions_that_are_none(self, world: World, questions: object) -> None:
        status, error = error_of(
            world.client, "question-answer", input_text="x", questions=questions
        )
        assert status == 400
        assert error.startswith("questions must be a list of 1 to 100 objects")

    def test_a_transcript_that_is_not_there(self, world: World) -> None:
        waiting, failed = world.submit(), world.submit()
        world.begin(failed)
        world.fail(failed, "Too short.")
        deleted = world.completed(result_of(SMOKE))
        world.client.delete(f"/v2/transcript/{deleted}")
        unknown = str(uuid.uuid4())
        for transcript_id in (waiting, failed, deleted, unknown):
            status, _ = error_of(world.client, "summary", transcript_ids=[transcript_id])
            assert status == 400
        stranger = world.client_with(world.new_key("second", "press"))
        owned = world.completed(result_of(SMOKE))
        assert error_of(stranger, "summary", transcript_ids=[owned]) == (
            400,
            "Transcript lookup error, transcript id not found",
        )

    def test_a_transcript_in_which_nothing_was_said(self, world: World) -> None:
        ids = [world.completed(result_of(SMOKE)), world.completed(result_of(""))]
        assert error_of(world.client, "summary", transcript_ids=ids) == (
            400,
            "Transcript text is empty",
        )

    def test_more_than_a_hundred_hours(self, world: World) -> None:
        long: TranscriptResult = replace(result_of(SMOKE), duration_ms=51 * 3_600_000)
        ids = [world.completed(long), world.completed(long)]
        assert error_of(world.client, "summary", transcript_ids=ids) == (
            400,
            "transcript_ids must be of at most 100 hours of audio in all",
        )

    def test_without_a_key(self, world: World) -> None:
        client = world.client_with(None)
        assert error_of(client, "summary", input_text="x")[0] == 401
        assert client.get("/lemur/v3/x").status_code == 401
        assert client.delete("/lemur/v3/x").status_code == 401

    def test_too_many_in_a_minute(self, world: World) -> None:
        with asking(world, lemur_per_min=2) as (client, _):
            answers = [
                client.post("/lemur/v3/generate/summary", json={"input_text": SMOKE})
                for _ in range(3)
            ]
            assert [one.status_code for one in answers] == [200, 200, 429]
            assert [one.headers["X-RateLimit-Remaining"] for one in answers] == ["1", "0", "0"]
            assert {one.headers["X-RateLimit-Limit"] for one in answers} == {"2"}
            assert answers[2].json() == {"error": "Too Many Requests"}
            assert 0 < int(answers[2].headers["Retry-After"]) <= 60
            world.clock.turn(seconds=61)
            assert client.post("/lemur/v3/generate/summary", json={"input_text": SMOKE}).is_success

    def test_a_project_may_have_a_limit_of_its_own(self, world: World) -> None:
        with world.services.engine.begin() as conn:
            law = ensure_project(conn, "law", world.clock())
            set_project_limits(conn, law.id, {"lemur_per_min": 1})
        key = world.new_key("second", "law")
        for one, statuses in ((key, [200, 429]), (world.key, [200, 200])):
            client = world.client_with(one)
            path, body = "/lemur/v3/generate/summary", {"input_text": SMOKE}
            assert [client.post(path, json=body).status_code for _ in range(2)] == statuses

    def test_without_a_limit_no_header_speaks_of_one(self, world: World) -> None:
        answer = world.client.post("/lemur/v3/generate/summary", json={"input_text": SMOKE})
        assert not [name for name in answer.headers if name.startswith("x-ratelimit")]


async def test_who_leaves_while_the_model_thinks_leaves_the_model(world: World) -> None:
    """And its place among those that wait for one."""
    body = body_for("task", input_text=SMOKE)
    caller = Leaver("/lemur/v3/generate/task", body, world.key)
    with asking(world, caller.think, lemur_s=60) as (client, _):
        await caller.ask(client.app)
    assert caller.sent == []
