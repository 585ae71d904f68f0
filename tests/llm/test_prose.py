import os
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from earshot.egress.client import GuardedClient
from earshot.errors import LlmAnswerUnusable, LlmRequestTooLong, LlmUnavailable
from earshot.llm.client import Budget, LlmClient
from earshot.llm.dialects import FORGET_AFTER_S
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.prose import LlmWriter, Prose
from earshot.llm.usage import Usage, estimate_tokens
from tests.llm.server import LlmServer, Reply, as_openai_answers, refusal, serving

Replies = Sequence[Reply] | Callable[[dict[str, Any]], Reply]


def write(replies: Replies, n_times: int = 1) -> tuple[Prose, LlmServer]:
    with serving(replies) as server:
        endpoint = LlmEndpoint("fast", server.url, "tiny")
        client = LlmClient(GuardedClient(), endpoint, timeout_s=5, wait=lambda _: None)
        writer = LlmWriter(client)
        assert (writer.name, writer.model) == ("fast", "tiny")
        written = [
            writer.write("Be brief.", "Smoke.", Budget(20), max_tokens=9, temperature=0.3)
            for _ in range(n_times)
        ]
    return written[-1], server


def counted(text: str) -> Reply:
    body = (
        '{"choices": [{"message": {"content": "%s"}, "finish_reason": "stop"}], '
        '"usage": {"prompt_tokens": 12, "completion_tokens": 3}}'
    )
    return Reply(body=(body % text).encode())


def test_what_is_written_comes_with_the_tokens_that_it_took() -> None:
    prose, server = write([counted("Fire.")])
    assert prose == Prose("Fire.", Usage(12, 3))
    (asked,) = server.asked
    assert (asked["max_tokens"], asked["temperature"]) == (9, 0.3)
    assert "response_format" not in asked


def test_tokens_that_are_not_told_are_estimated() -> None:
    prose, _ = write([Reply("Fire fire.")])
    assert prose.usage == Usage(estimate_tokens("Be brief.") + estimate_tokens("Smoke."), 3)


def test_thoughts_are_not_part_of_it() -> None:
    assert write([counted("<think>Hm.</think> Fire.")])[0].text == "Fire."


def test_who_only_thought_is_given_more_room() -> None:
    thinking = Reply("<think>Hm.", finish_reason="length")
    prose, server = write([thinking, counted("Fire.")], n_times=1)
    assert prose.text == "Fire."
    assert [one["max_tokens"] for one in server.asked] == [9, 36]
    assert prose.usage.output_tokens > 3


def test_text_that_is_cut_off_is_given_as_it_is() -> None:
    assert write([Reply("Fi", finish_reason="length")])[0].is_cut_off


def test_it_is_asked_as_it_wants_to_be_and_that_is_remembered() -> None:
    prose, server = write(as_openai_answers(counted("Fire.")), n_times=2)
    assert prose.text == "Fire."
    assert len(server.asked) == 4
    assert "temperature" not in server.asked[-1]
    assert server.asked[-1]["max_completion_tokens"] == 9


def test_one_that_takes_no_temperature_has_its_own() -> None:
    prose, _ = write(as_openai_answers(counted("Fire.")), n_times=2)
    assert prose.has_own_temperature
    assert not write([counted("Fire.")])[0].has_own_temperature
    with serving(as_openai_answers(counted("Fire."))) as server:
        client = LlmClient(
            GuardedClient(),
            LlmEndpoint("fast", server.url, "tiny"),
            timeout_s=5,
            wait=lambda _: None,
        )
        asked_for_none = LlmWriter(client).write("Be brief.", "Smoke.", Budget(20), max_tokens=9)
    assert not asked_for_none.has_own_temperature


def test_what_was_refused_once_is_tried_again_after_an_hour() -> None:
    at_s = 0.0
    with serving([refusal("No temperature."), counted("Fire.")]) as server:
        endpoint = LlmEndpoint("fast", server.url, "tiny")
        client = LlmClient(GuardedClient(), endpoint, timeout_s=5, wait=lambda _: None)
        writer = LlmWriter(client, lambda: at_s)
        for at_s in (0.0, FORGET_AFTER_S - 1, FORGET_AFTER_S):  # noqa: B007 - the clock reads it
            writer.write("Be brief.", "Smoke.", Budget(20), max_tokens=9, temperature=0.3)
    told = ["temperature" in asked for asked in server.asked]
    assert told == [True, False, False, True]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (refusal("The context length is 10.", code="context_length_exceeded"), LlmRequestTooLong),
        (Reply(""), LlmAnswerUnusable),
        (Reply(body=b"<html>"), LlmAnswerUnusable),
        (Reply(status=401), LlmUnavailable),
        (Reply(status=429), LlmUnavailable),
        (Reply(status=500), LlmUnavailable),
        (Reply(status=422, body=b"{}"), LlmUnavailable),
    ],
)
def test_of_no_use(reply: Reply, error: type[Exception]) -> None:
    with pytest.raises(error):
        write([reply])


@pytest.mark.model
def test_a_model_of_yours_writes() -> None:
    """At EARSHOT_TEST_LLM_URL, by the name EARSHOT_TEST_LLM_MODEL: on this machine."""
    url = os.environ.get("EARSHOT_TEST_LLM_URL")  # noqa: TID251 - not a setting of ours
    if url is None:
        pytest.skip("EARSHOT_TEST_LLM_URL names no endpoint")
    model = os.environ.get("EARSHOT_TEST_LLM_MODEL", "")  # noqa: TID251 - as above
    key = os.environ.get("EARSHOT_TEST_LLM_KEY")  # noqa: TID251 - as above
    client = LlmClient(GuardedClient(), LlmEndpoint("yours", url, model, key), timeout_s=120)
    prose = LlmWriter(client).write(
        "Answer with the name of the city alone.",
        "We met in Lisbon, and it rained all day.",
        Budget(120),
        max_tokens=50,
    )
    assert "lisbon" in prose.text.lower()
    assert prose.usage.input_tokens > 0
