import json
from collections.abc import Sequence

import pytest
from pydantic import BaseModel

from earshot.egress.client import GuardedClient
from earshot.errors import LlmAnswerUnusable, LlmUnavailable
from earshot.llm.answers import LlmAnswers
from earshot.llm.client import Budget, LlmClient
from earshot.llm.endpoints import LlmEndpoint
from tests.llm.server import LlmServer, Reply, serving


class Title(BaseModel):
    title: str


GOOD = Reply(json.dumps({"title": "Smoke"}))


def answers_of(server: LlmServer) -> LlmAnswers:
    endpoint = LlmEndpoint("default", server.url, "tiny-model")
    client = LlmClient(GuardedClient(), endpoint, timeout_s=10, wait=lambda _: None)
    return LlmAnswers(client)


def ask(answers: LlmAnswers) -> str:
    return answers.ask("Name it.", "Smoke comes.", Title, Budget(60), max_tokens=20).title


def asked_of(replies: Sequence[Reply]) -> tuple[str, LlmServer]:
    with serving(replies) as server:
        return ask(answers_of(server)), server


def forms(server: LlmServer) -> list[str | None]:
    return [asked.get("response_format", {}).get("type") for asked in server.asked]


def test_the_strictest_form_is_asked_for_first() -> None:
    title, server = asked_of([GOOD])
    assert title == "Smoke"
    schema = server.asked[0]["response_format"]["json_schema"]["schema"]
    assert schema["required"] == ["title"]
    assert server.asked[0]["messages"][1] == {"role": "user", "content": "Smoke comes."}


def test_a_server_that_knows_no_form_is_asked_in_plain_words() -> None:
    refusal = Reply(status=400)
    title, server = asked_of([refusal, refusal, GOOD])
    assert title == "Smoke"
    assert forms(server) == ["json_schema", "json_object", None]
    assert '"required": ["title"]' in server.asked[2]["messages"][0]["content"]


def test_what_a_server_refused_is_not_asked_for_again() -> None:
    with serving([Reply(status=422), GOOD]) as server:
        answers = answers_of(server)
        ask(answers)
        ask(answers)
        assert forms(server) == ["json_schema", "json_object", "json_object"]


def test_a_server_that_refuses_everything_is_not_taken_for_one_without_forms() -> None:
    with serving([*[Reply(status=400)] * 3, GOOD]) as server:
        answers = answers_of(server)
        with pytest.raises(LlmUnavailable):
            ask(answers)
        ask(answers)
        assert forms(server)[-1] == "json_schema"


@pytest.mark.parametrize(
    "content",
    [
        '```json\n{"title": "Smoke"}\n```',
        'Sure! {"title": "Smoke"} Anything else?',
        '<think>{"title": "no"}</think>{"title": "Smoke"}',
        '{"note": 1} {"title": "Smoke"}',
    ],
)
def test_what_stands_around_the_answer_does_not_matter(content: str) -> None:
    assert asked_of([Reply(content)])[0] == "Smoke"


@pytest.mark.parametrize("junk", ["", "Smoke.", '{"title": 5}', '{"title": "Smoke', "{" * 9999])
def test_junk_is_asked_about_once_more(junk: str) -> None:
    title, server = asked_of([Reply(junk), GOOD])
    assert title == "Smoke"
    assert [message["role"] for message in server.asked[1]["messages"]] == [
        "system",
        "user",
        "assistant",
        "user",
    ]


def test_junk_twice_is_unusable() -> None:
    with serving([Reply("Smoke.")]) as server:
        with pytest.raises(LlmAnswerUnusable, match="default"):
            ask(answers_of(server))
        assert len(server.asked) == 2
