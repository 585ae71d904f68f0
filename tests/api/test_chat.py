import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from earshot.api.app import create_app
from earshot.api.turns import MAX_OF_PROJECT, Turns
from earshot.egress.client import GuardedClient
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.language_models import LanguageModels
from earshot.storage.schema import usage
from tests.api.conftest import World
from tests.api.leaver import Leaver
from tests.llm.server import LlmServer, Reply, refusal, serving

ASKED = {"model": "gpt-5", "messages": [{"role": "user", "content": "Zounds?"}]}
EVENT = b'data: {"choices": [{"delta": {"content": "Hi."}}]}\n\n'
COUNTED = b'data: {"choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 2}}\n\n'
END = b"data: [DONE]\n\n"
CALL = {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}
Replies = Sequence[Reply] | Callable[[dict[str, Any]], Reply]


def answering(message: dict[str, Any], finish_reason: str = "stop") -> Reply:
    body = {
        "choices": [{"message": message, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 4, "completion_tokens": 2},
    }
    return Reply(body=json.dumps(body).encode())


@contextmanager
def talking(
    world: World, replies: Replies = (), *, timeout_s: float = 2
) -> Iterator[tuple[TestClient, LlmServer]]:
    with serving(replies) as server:
        endpoints = [LlmEndpoint("fast", server.url, "tiny")] if replies else []
        models = LanguageModels(
            GuardedClient(), endpoints, timeout_s=timeout_s, tiers={"gpt-5": "fast"}
        )
        services = replace(world.services, language_models=models)
        yield TestClient(create_app(services), headers={"Authorization": world.key}), server


def used(world: World) -> list[tuple[str, int, int]]:
    columns = usage.c.model, usage.c.input_tokens, usage.c.output_tokens
    with world.services.engine.connect() as conn:
        return [tuple(row) for row in conn.execute(sa.select(*columns))]


class TestAConversation:
    def test_a_database_that_is_away_costs_nobody_the_answer(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        with world.services.engine.begin() as conn:
            conn.execute(sa.schema.DropTable(usage))
            conn.execute(sa.text("create view usage as select 1"))
        with talking(world, [answering({"content": "Hi."})]) as (client, _):
            answer = client.post("/v1/chat/completions", json=ASKED)
        assert answer.json()["choices"][0]["message"]["content"] == "Hi."
        assert "chat_usage_not_recorded" in caplog.messages

    def test_it_is_carried_on(self, world: World) -> None:
        with talking(world, [answering({"content": "Hi."})]) as (client, server):
            answer = client.post("/v1/chat/completions", json={**ASKED, "temperature": 1})
        assert answer.status_code == 200, answer.text
        assert answer.headers["X-Earshot-Method"] == "llm:fast"
        body = answer.json()
        assert body["choices"] == [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hi."},
                "finish_reason": "stop",
            }
        ]
        assert body["request"] == {"model": "gpt-5", "max_tokens": 1000, "temperature": 1.0}
        assert body["usage"]["input_tokens"] == body["usage"]["prompt_tokens"] == 4
        assert body["usage"]["total_tokens"] == 6
        assert (body["http_status_code"], body["llm_status_code"]) == (200, 200)
        assert body["response_time"] > 0
        assert body["id"] == body["request_id"]
        assert (body["object"], body["model"]) == ("chat.completion", "tiny")
        (asked,) = server.asked
        assert asked["model"] == "tiny"
        assert asked["messages"] == ASKED["messages"]
        assert used(world) == [("tiny", 4, 2)]

    def test_tools_may_be_asked_for(self, world: World) -> None:
        reply = answering({"content": None, "tool_calls": [CALL]}, "tool_calls")
        tool = {"type": "function", "function": {"name": "look", "parameters": {}}}
        with talking(world, [reply]) as (client, server):
            answer = client.post(
                "/v1/chat/completions", json={**ASKED, "tools": [tool], "tool_choice": "auto"}
            )
        (choice,) = answer.json()["choices"]
        assert choice["tool_calls"] == choice["message"]["tool_calls"] == [CALL]
        assert choice["finish_reason"] == "tool_calls"
        assert server.asked[0]["tools"] == answer.json()["request"]["tools"] == [tool]

    def test_it_comes_as_it_is_written(self, world: World) -> None:
        with talking(world, [Reply(body=EVENT + COUNTED + END)]) as (client, server):
            answer = client.post("/v1/chat/completions", json={**ASKED, "stream": True})
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.content == EVENT + END
        assert server.asked[0]["stream"] is True
        assert used(world) == [("tiny", 4, 2)]

    def test_a_stream_tells_what_it_took_where_that_is_asked_for(self, world: World) -> None:
        options = {"stream": True, "stream_options": {"include_usage": True}}
        with talking(world, [Reply(body=EVENT + COUNTED + END)]) as (client, _):
            answer = client.post("/v1/chat/completions", json={**ASKED, **options})
        assert answer.content == EVENT + COUNTED + END

    def test_what_is_not_counted_is_estimated(self, world: World) -> None:
        for stream, reply in ((False, Reply("Hi, you.")), (True, Reply(body=EVENT + END))):
            with talking(world, [reply]) as (client, _):
                answer = client.post("/v1/chat/completions", json={**ASKED, "stream": stream})
            if not stream:
                assert answer.json()["usage"]["total_tokens"] == 4
        assert used(world) == [("tiny", 4, 3)]

    def test_one_that_breaks_off_is_counted_as_well(self, world: World) -> None:
        with talking(world, [Reply(body=EVENT, n_missing=99)]) as (client, _):
            client.post("/v1/chat/completions", json={**ASKED, "stream": True})
        assert used(world) == [("tiny", 2, 1)]

    def test_the_turn_of_a_stream_is_given_back(self, world: World) -> None:
        with talking(world, [Reply(body=EVENT + END)]) as (client, _):
            for _ in range(MAX_OF_PROJECT + 1):
                answer = client.post("/v1/chat/completions", json={**ASKED, "stream": True})
                assert answer.status_code == 200

    def test_a_stream_that_breaks_off_has_no_end_mark(self, world: World) -> None:
        with talking(world, [Reply(body=EVENT, n_missing=99)]) as (client, _):
            answer = client.post("/v1/chat/completions", json={**ASKED, "stream": True})
        *_, last = answer.content.decode().strip().split("\n\n")
        assert json.loads(last.removeprefix("data: "))["error"]["code"] == 502

    def test_no_word_is_in_the_log(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        for reply in (
            Reply("Ablaze."),
            refusal("Zounds? No."),
            Reply(status=500),
            Reply(body=b"{"),
        ):
            with talking(world, [reply]) as (client, _):
                client.post("/v1/chat/completions", json=ASKED)
        told = caplog.text + "".join(str(vars(one)) for one in caplog.records)
        assert "Zounds" not in told
        assert "Ablaze" not in told


class TestModels:
    def test_they_are_those_of_the_project(self, world: World) -> None:
        with talking(world, [Reply("Hi.")]) as (client, _):
            listed = client.get("/v1/models").json()
        assert listed["object"] == "list"
        assert [one["id"] for one in listed["data"]] == ["fast", "tiny", "gpt-5"]

    def test_there_may_be_none(self, world: World) -> None:
        assert world.client.get("/v1/models").json() == {"object": "list", "data": []}


class TestErrors:
    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ({}, "Invalid request: missing required field 'model'"),
            ({"model": "gpt-5"}, "either messages or prompt must be given, and not both"),
            (ASKED, "No language model is set up on this server for your project"),
            ({**ASKED, "stream": True}, "No language model is set up on this server"),
        ],
    )
    def test_they_have_the_form_of_the_gateway(
        self, world: World, body: dict[str, Any], message: str
    ) -> None:
        answer = world.client.post("/v1/chat/completions", json=body)
        assert answer.status_code == 400
        error = answer.json()["error"]
        assert error["code"] == 400
        assert error["message"].startswith(message)

    def test_without_a_key(self, world: World) -> None:
        client = world.client_with(None)
        for answer in (client.post("/v1/chat/completions", json=ASKED), client.get("/v1/models")):
            assert answer.status_code == 401
            assert answer.json()["error"]["code"] == 401

    @pytest.mark.parametrize("stream", [False, True])
    def test_what_the_model_refuses_is_told(self, world: World, stream: bool) -> None:
        with talking(world, [refusal("No tools here.")]) as (client, _):
            answer = client.post("/v1/chat/completions", json={**ASKED, "stream": stream})
        assert answer.status_code == 400
        assert answer.json()["message"] == "The language model refused the request: no tools here."

    @pytest.mark.parametrize("stream", [False, True])
    @pytest.mark.parametrize("status", [401, 500])
    def test_a_model_that_does_not_answer(self, world: World, status: int, stream: bool) -> None:
        replies = [Reply(status=status, headers={"Retry-After": "90"})]
        with talking(world, replies) as (client, _):
            answer = client.post("/v1/chat/completions", json={**ASKED, "stream": stream})
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == 503
        assert answer.headers["Retry-After"]

    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b'{"choices": []}',
            b'{"choices": [{}]}',
            b'{"choices": [{"message": 1}]}',
        ],
    )
    def test_an_answer_that_is_none(self, world: World, body: bytes) -> None:
        with talking(world, [Reply(body=body)]) as (client, _):
            assert client.post("/v1/chat/completions", json=ASKED).status_code == 503

    def test_what_utf_8_has_not_is_marked(self, world: World) -> None:
        body = b'{"choices": [{"message": {"content": "a\\ud800"}}]}'
        with talking(world, [Reply(body=body)]) as (client, _):
            answer = client.post("/v1/chat/completions", json=ASKED)
        assert answer.json()["choices"][0]["message"]["content"] == "a?"

    def test_a_turn_that_is_not_free(self, world: World) -> None:
        models = LanguageModels(
            GuardedClient(), [LlmEndpoint("a", "http://127.0.0.1:1/v1", "b")], timeout_s=1
        )
        services = replace(world.services, language_models=models, turns=Turns(max_at_once=0))
        client = TestClient(create_app(services), headers={"Authorization": world.key})
        answer = client.post("/v1/chat/completions", json=ASKED)
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, 429)
        assert answer.headers["Retry-After"]


@pytest.mark.parametrize("streams", [False, True])
async def test_who_leaves_while_the_model_thinks_leaves_the_model(
    world: World, *, streams: bool
) -> None:
    """And its place: else a few of them keep everybody from a model that is slow."""
    caller = Leaver("/v1/chat/completions", {**ASKED, "stream": streams}, world.key)
    with talking(world, caller.think, timeout_s=60) as (client, _):
        await caller.ask(client.app)
    assert caller.sent == []
