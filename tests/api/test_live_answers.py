import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from earshot.accounts.projects import require_project
from earshot.api.faults import SessionFault
from earshot.api.live_admission import admit
from earshot.api.live_answers import TOO_LATE, prepare_answers, read_turn_request
from earshot.egress.client import GuardedClient
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.language_models import LanguageModels
from earshot.storage.projects import mark_project_deleted
from earshot.storage.schema import usage
from earshot.streaming.events import LiveWord, TurnUpdated
from tests.api.conftest import World
from tests.api.live import LiveWorld, open_live_world
from tests.llm.server import LlmServer, Reply, refusal, serving

ASK = {
    "model": "claude-sonnet-4-6",
    "messages": [{"role": "user", "content": "What of this? {{turn}}"}],
    "max_tokens": 60,
}
Replies = Sequence[Reply] | Callable[[dict[str, Any]], Reply]


@contextmanager
def answered(world: World, replies: Replies) -> Iterator[tuple[LiveWorld, LlmServer]]:
    with serving(replies) as server:
        endpoint = LlmEndpoint("fast", server.url, "tiny")
        models = LanguageModels(GuardedClient(), [endpoint], timeout_s=5)
        services = replace(world.services, language_models=models)
        with open_live_world(replace(world, services=services)) as live:
            yield live, server


def test_the_turn_stands_where_its_place_is() -> None:
    request = read_turn_request(json.dumps(ASK))
    asked = request.about("One two.")
    assert asked["messages"] == [{"role": "user", "content": "What of this? One two."}]
    assert (asked["max_tokens"], asked["stream"]) == (60, False)
    without = read_turn_request(json.dumps({"model": "m", "prompt": "Translate.", "stream": True}))
    assert [one["content"] for one in without.about("One.")["messages"]] == ["Translate.", "One."]
    assert without.about("Two.")["messages"][1]["content"] == "Two."


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("{", "it must be JSON"),
        ("[]", "it must be an object"),
        ("{}", "Invalid request: missing required field 'model'"),
        ('{"model": "m"}', "either messages or prompt must be given"),
        ('{"model": "m", "messages": [{"role": "god"}]}', "messages[0].role must be one of"),
    ],
)
def test_a_request_that_breaks_a_rule(raw: str, text: str) -> None:
    with pytest.raises(SessionFault) as fault:
        read_turn_request(raw)
    expected = f"User Input Validation Error: Invalid 'llm_gateway': {text}"
    assert fault.value.text.startswith(expected)


@pytest.mark.parametrize("format_turns", ["true", "false"])
def test_each_turn_that_has_ended_is_answered_once(world: World, format_turns: str) -> None:
    with answered(world, [Reply("Fine.")]) as (live, server):
        query = {"llm_gateway": json.dumps(ASK), "format_turns": format_turns}
        with live.session(**query) as spoken:
            spoken.say("one two _ _ three four _ _")
            spoken.tell({"type": "Terminate"})
            ended = spoken.end()
    answers = ended.of("LLMGatewayResponse")
    assert [one["turn_order"] for one in answers] == [0, 1]
    last = {one["turn_order"]: one["transcript"] for one in ended.of("Turn") if one["end_of_turn"]}
    assert [one["transcript"] for one in answers] == list(last.values())
    data = answers[0]["data"]
    assert data["choices"][0]["message"]["content"] == "Fine."
    assert data["model"] == "tiny"
    assert [one["messages"][0]["content"] for one in server.asked] == [
        f"What of this? {text}" for text in last.values()
    ]
    assert ended.code == 1000
    with world.services.engine.connect() as conn:
        assert conn.scalar(sa.select(usage.c.n_requests).where(usage.c.product == "llm")) == 2


@pytest.mark.parametrize("format_turns", [True, False])
def test_turns_that_end_as_they_were_before_an_update_are_answered_too(
    world: World, *, format_turns: bool
) -> None:
    with answered(world, [Reply("Fine.")]) as (live, _):
        query = {"llm_gateway": json.dumps(ASK), "format_turns": str(not format_turns)}
        with live.session(**query) as spoken:
            spoken.say("one two _ _ three four _ _")
            spoken.tell({"type": "UpdateConfiguration", "format_turns": format_turns})
            spoken.tell({"type": "Terminate"})
            ended = spoken.end()
    last = {one["turn_order"]: one["transcript"] for one in ended.of("Turn") if one["end_of_turn"]}
    answers = ended.of("LLMGatewayResponse")
    assert {one["turn_order"]: one["transcript"] for one in answers} == last


@pytest.mark.parametrize(
    ("reply", "code"), [(Reply(status=401), 503), (refusal("No such form."), 400)]
)
def test_where_no_answer_comes_that_is_told_and_the_session_goes_on(
    world: World, reply: Reply, code: int
) -> None:
    with (
        answered(world, [reply]) as (live, _),
        live.session(llm_gateway=json.dumps(ASK)) as spoken,
    ):
        spoken.say("one two _ _")
        spoken.tell({"type": "Terminate"})
        ended = spoken.end()
    (told,) = ended.of("LLMGatewayResponse")
    assert told["data"]["error"]["code"] == code
    assert ended.of("Termination")
    assert ended.code == 1000


def test_without_a_language_model_the_session_is_refused(world: World) -> None:
    with open_live_world(world) as live:
        ended = live.refused(llm_gateway=json.dumps(ASK))
    assert ended.code == 3006
    assert "No language model is set up on this server" in ended.error


async def test_a_deleted_project_whose_name_is_gone_gets_no_model_that_it_was_kept_from(
    world: World,
) -> None:
    with serving([Reply("Fine.")]) as server:
        endpoint = LlmEndpoint("fast", server.url, "tiny")
        models = LanguageModels(GuardedClient(), [endpoint], timeout_s=5, without={"default"})
        services = replace(world.services, language_models=models)
        admission = admit(services, world.key, "")
        with services.engine.begin() as conn:
            project = require_project(conn, "default")
            mark_project_deleted(conn, project.id, world.clock())
        with pytest.raises(SessionFault) as fault:
            await prepare_answers(services, admission, json.dumps(ASK))
    assert "No language model is set up" in fault.value.text


async def test_an_answer_that_does_not_come_before_the_end_is_told_to_be_missing(
    world: World,
) -> None:
    told: list[dict[str, Any]] = []
    with serving([Reply("Late.", holds_s=60)]) as server:
        models = LanguageModels(
            GuardedClient(), [LlmEndpoint("fast", server.url, "tiny")], timeout_s=60
        )
        services = replace(world.services, language_models=models)
        admission = admit(services, world.key, "")
        answering = await prepare_answers(services, admission, json.dumps(ASK))
        assert answering is not None
        answers = answering(told.append)
        for turn_order in (0, 1):
            word = LiveWord("One.", 0, 100, 0.9, is_final=True)
            turn = TurnUpdated(turn_order, (word,), True, False, 1.0)
            answers.hear(turn)
        answering_all = asyncio.create_task(answers.run())
        await answers.finish(0.01)
        missing = [(one["turn_order"], one["data"]["error"]["code"]) for one in told]
        assert missing == [(0, 503), (1, 503)]
        assert told[0]["data"]["error"]["message"] == TOO_LATE
        answering_all.cancel()
        answers.close()
    assert len(told) == 2


async def test_an_answer_that_comes_in_time_is_told_once(world: World) -> None:
    told: list[dict[str, Any]] = []
    with serving([Reply("Fine.")]) as server:
        endpoints = [LlmEndpoint("fast", server.url, "tiny")]
        models = LanguageModels(GuardedClient(), endpoints, timeout_s=60)
        services = replace(world.services, language_models=models)
        answering = await prepare_answers(services, admit(services, world.key, ""), json.dumps(ASK))
        assert answering is not None
        answers = answering(told.append)
        word = LiveWord("One.", 0, 100, 0.9, is_final=True)
        answers.hear(TurnUpdated(0, (word,), True, False, 1.0))
        answering_all = asyncio.create_task(answers.run())
        await answers.finish()
        answering_all.cancel()
        answers.close()
    (answer,) = told
    assert answer["data"]["choices"][0]["message"]["content"] == "Fine."


async def test_a_session_that_ends_leaves_the_model_to_others(world: World) -> None:
    told: list[dict[str, Any]] = []
    is_asked, loop = asyncio.Event(), asyncio.get_running_loop()

    def think(_asked: dict[str, Any]) -> Reply:
        if is_asked.is_set():
            return Reply("Fine.")
        loop.call_soon_threadsafe(is_asked.set)
        return Reply("Late.", holds_s=60)

    with serving(think) as server:
        endpoints = [LlmEndpoint("fast", server.url, "tiny")]
        models = LanguageModels(GuardedClient(), endpoints, timeout_s=60, at_once=1)
        services = replace(world.services, language_models=models)
        answering = await prepare_answers(services, admit(services, world.key, ""), json.dumps(ASK))
        assert answering is not None
        left, staying = answering(told.append), answering(told.append)
        word = LiveWord("One.", 0, 100, 0.9, is_final=True)
        for answers in (left, staying):
            answers.hear(TurnUpdated(0, (word,), True, False, 1.0))
            running = asyncio.create_task(answers.run())
            await is_asked.wait()
            if answers is staying:
                await answers.finish(20)
            running.cancel()
            answers.close()
    (answer,) = told
    assert answer["data"]["choices"][0]["message"]["content"] == "Fine."
