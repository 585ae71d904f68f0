import logging
import socket
from collections.abc import Sequence

import pytest

from earshot.egress.client import GuardedClient
from earshot.errors import LlmAnswerUnusable, LlmUnavailable
from earshot.llm.client import (
    LONGEST_PAUSE_S,
    MAX_ANSWER_BYTES,
    MAX_ATTEMPTS,
    Budget,
    FormatUnknown,
    LlmClient,
    Message,
)
from earshot.llm.endpoints import LlmEndpoint
from tests.llm.server import LlmServer, Reply, serving

KEY = "sk-do-not-tell"
QUESTION = [Message("user", "What was said?")]
JSON_OBJECT = {"type": "json_object"}


class Pauses(list[float]):
    """Waits for nothing, and remembers how long it should have."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def client_of(url: str, *, timeout_s: float = 10.0, pauses: Pauses | None = None) -> LlmClient:
    endpoint = LlmEndpoint("default", url, "tiny-model", KEY)
    wait = Pauses() if pauses is None else pauses
    return LlmClient(GuardedClient(), endpoint, timeout_s=timeout_s, wait=wait)


def ask(
    replies: Sequence[Reply],
    *,
    pauses: Pauses | None = None,
    timeout_s: float = 10.0,
    budget_s: float = 60.0,
    response_format: dict[str, str] | None = None,
) -> tuple[str, LlmServer]:
    with serving(replies) as server:
        client = client_of(server.url, timeout_s=timeout_s, pauses=pauses)
        answer = client.complete(
            QUESTION, Budget(budget_s), max_tokens=50, response_format=response_format
        )
        return answer, server


def test_the_question_is_put_as_the_api_has_it() -> None:
    answer, server = ask([Reply("Smoke.")], response_format=JSON_OBJECT)
    assert answer == "Smoke."
    assert server.paths == ["/v1/chat/completions"]
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert server.asked == [
        {
            "model": "tiny-model",
            "messages": [{"role": "user", "content": "What was said?"}],
            "max_tokens": 50,
            "temperature": 0,
            "stream": False,
            "response_format": JSON_OBJECT,
        }
    ]


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_what_may_pass_is_tried_again(status: int) -> None:
    pauses = Pauses()
    answer, server = ask([Reply(status=status), Reply("Smoke.")], pauses=pauses)
    assert (answer, len(server.asked), len(pauses)) == ("Smoke.", 2, 1)


def test_a_server_that_stays_down_is_given_up_after_a_few_times() -> None:
    pauses = Pauses()
    with serving([Reply(status=503)]) as server:
        client = client_of(server.url, pauses=pauses)
        with pytest.raises(LlmUnavailable, match="status 503"):
            client.complete(QUESTION, Budget(60), max_tokens=5)
    assert len(server.asked) == MAX_ATTEMPTS
    assert pauses == [1.0, 2.0]


def test_the_server_says_how_long_to_wait() -> None:
    pauses = Pauses()
    ask([Reply(status=429, headers={"Retry-After": "7"}), Reply("Smoke.")], pauses=pauses)
    assert pauses == [7.0]


def test_a_server_that_wants_a_long_wait_is_taken_to_be_down() -> None:
    pauses = Pauses()
    later = {"Retry-After": str(int(LONGEST_PAUSE_S) + 1)}
    with pytest.raises(LlmUnavailable):
        ask([Reply(status=429, headers=later)], pauses=pauses)
    assert pauses == []


@pytest.mark.parametrize("status", [301, 401, 403, 404])
def test_what_does_not_pass_is_not_tried_again(status: int) -> None:
    with serving([Reply(status=status)]) as server:
        with pytest.raises(LlmUnavailable, match=str(status)):
            client_of(server.url).complete(QUESTION, Budget(60), max_tokens=5)
        assert len(server.asked) == 1


def test_a_form_that_is_refused_is_told_apart() -> None:
    with pytest.raises(FormatUnknown):
        ask([Reply(status=400)], response_format=JSON_OBJECT)
    with pytest.raises(LlmUnavailable):
        ask([Reply(status=400)])


def test_a_server_that_is_too_slow_is_left() -> None:
    with pytest.raises(LlmUnavailable, match="no answer"):
        ask([Reply("Smoke.", holds_s=30)], timeout_s=0.1, budget_s=0.5)


def test_nothing_is_asked_when_the_time_is_over() -> None:
    with serving([Reply("Smoke.")]) as server:
        with pytest.raises(LlmUnavailable, match="time for it is over"):
            client_of(server.url).complete(QUESTION, Budget(0), max_tokens=5)
        assert server.asked == []


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(LlmUnavailable, match="no answer"):
        client_of(f"http://127.0.0.1:{port}/v1").complete(QUESTION, Budget(60), max_tokens=5)


def test_an_address_that_is_never_connected_to_is_refused() -> None:
    with pytest.raises(LlmUnavailable, match="address"):
        client_of("http://169.254.169.254/v1").complete(QUESTION, Budget(60), max_tokens=5)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"choices": []}', b'{"choices": [{"message": {}}]}', b"\xff"]
)
def test_an_answer_that_is_no_completion_is_unusable(body: bytes) -> None:
    with pytest.raises(LlmAnswerUnusable):
        ask([Reply(body=body)])


def test_an_answer_without_end_is_not_read() -> None:
    with pytest.raises(LlmUnavailable, match="too large"):
        ask([Reply("a" * MAX_ANSWER_BYTES)])


def test_neither_key_nor_question_is_logged_or_shown(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(LlmUnavailable) as failed:
        ask([Reply(status=500)])
    told = str([vars(record) for record in caplog.records]) + str(failed.value)
    assert "llm_failed" in told
    assert KEY not in told
    assert "What was said?" not in told
    assert KEY not in repr(LlmEndpoint("default", "http://llm", "tiny-model", KEY))
