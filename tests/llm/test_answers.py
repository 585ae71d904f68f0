import json
from collections.abc import Sequence

import pytest
from pydantic import BaseModel

from earshot.egress.client import GuardedClient
from earshot.errors import LlmAnswerUnusable, LlmRequestTooLong, LlmUnavailable
from earshot.llm.answers import MAX_QUOTED, THINKING_ROOM, LlmAnswers
from earshot.llm.client import Budget, LlmClient
from earshot.llm.dialects import FORGET_AFTER_S
from earshot.llm.endpoints import LlmEndpoint
from tests.llm.server import LlmServer, Reply, as_openai_answers, refusal, serving


class Title(BaseModel):
    title: str


GOOD = Reply(json.dumps({"title": "Smoke"}))


class Clock:
    """Turned by hand."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def __call__(self) -> float:
        return self.at_s


def answers_of(server: LlmServer, clock: Clock | None = None) -> LlmAnswers:
    endpoint = LlmEndpoint("default", server.url, "tiny-model")
    client = LlmClient(GuardedClient(), endpoint, timeout_s=10, wait=lambda _: None)
    return LlmAnswers(client, clock or Clock())


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


def test_what_a_server_refused_is_asked_for_again_after_an_hour() -> None:
    clock = Clock()
    with serving([Reply(status=422), GOOD]) as server:
        answers = answers_of(server, clock)
        ask(answers)
        clock.at_s = FORGET_AFTER_S
        ask(answers)
        ask(answers)
        assert forms(server) == ["json_schema", "json_object", "json_schema", "json_schema"]


def test_a_present_model_of_openai_is_asked_as_it_wants_to_be() -> None:
    with serving(as_openai_answers(GOOD)) as server:
        answers = answers_of(server)
        assert ask(answers) == "Smoke"
        assert ask(answers) == "Smoke"
    assert len(server.asked) == 4
    for asked in server.asked[2:]:
        assert asked["max_completion_tokens"] == 20
        assert asked["response_format"]["json_schema"]["strict"] is True
        assert asked.keys() == {
            "model",
            "messages",
            "max_completion_tokens",
            "stream",
            "response_format",
        }


def test_a_text_that_is_too_long_is_not_tried_in_other_forms() -> None:
    too_long = refusal(
        "This model's maximum context length is 8192 tokens; you requested 9000 in max_tokens.",
        "messages",
        "context_length_exceeded",
    )
    with serving([too_long, GOOD]) as server:
        answers = answers_of(server)
        with pytest.raises(LlmRequestTooLong):
            ask(answers)
        ask(answers)
        assert forms(server) == ["json_schema", "json_schema"]


def test_an_answer_that_was_cut_off_is_given_more_room_and_so_is_the_next() -> None:
    cut = Reply("<think>Let me see", finish_reason="length")
    with serving([cut, GOOD]) as server:
        answers = answers_of(server)
        assert ask(answers) == "Smoke"
        ask(answers)
        assert [asked["max_tokens"] for asked in server.asked] == [
            20,
            20 * THINKING_ROOM,
            20 * THINKING_ROOM,
        ]


def test_an_answer_that_never_ends_is_said_to_be_cut_off() -> None:
    with serving([Reply("la " * 50, finish_reason="length")]) as server:
        with pytest.raises(LlmAnswerUnusable, match="was cut off"):
            ask(answers_of(server))
        assert len(server.asked) == 2


def test_an_answer_that_is_whole_is_taken_though_what_followed_was_cut_off() -> None:
    whole = Reply('{"title": "Smoke"} And furthermore', finish_reason="length")
    assert asked_of([whole])[0] == "Smoke"


def test_a_server_that_refuses_everything_is_not_taken_for_one_without_forms() -> None:
    with serving(lambda _: next(replies)) as server:
        answers = answers_of(server)
        replies = iter([*[Reply(status=400)] * 4, GOOD])
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
        "{} " * 50 + '{"title": "Smoke"}',
        '{"note": 1} {"title": "Smoke"}',
    ],
)
def test_what_stands_around_the_answer_does_not_matter(content: str) -> None:
    assert asked_of([Reply(content)])[0] == "Smoke"


JUNK = [
    "",
    "Smoke.",
    '{"title": 5}',
    '{"title": "Smoke',
    '<think>{"title": "Smoke"}',
    "{" * 2_000_000,
    '{"a":' * 300_000,
    '{"a":[{},' * 200_000,
    "<think>" * 500_000,
]


@pytest.mark.parametrize("junk", JUNK, ids=[junk[:12] for junk in JUNK])
def test_junk_is_asked_about_once_more(junk: str) -> None:
    title, server = asked_of([Reply(junk), GOOD])
    assert title == "Smoke"
    assert [message["role"] for message in server.asked[1]["messages"]] == [
        "system",
        "user",
        "assistant",
        "user",
    ]


def test_of_junk_no_more_is_quoted_than_shows_what_it_was() -> None:
    _, server = asked_of([Reply("la " * 5000), GOOD])
    assert len(server.asked[1]["messages"][2]["content"]) == MAX_QUOTED


def test_junk_twice_is_unusable() -> None:
    with serving([Reply("Smoke.")]) as server:
        with pytest.raises(LlmAnswerUnusable, match="default"):
            ask(answers_of(server))
        assert len(server.asked) == 2
