import json
import logging
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread, Timer
from typing import Any

import pytest

from earshot.egress.client import GuardedClient
from earshot.errors import LlmAnswerUnusable, LlmUnavailable, TransitionImpossible
from earshot.llm.client import (
    LONGEST_PAUSE_S,
    MAX_ANSWER_BYTES,
    MAX_ATTEMPTS,
    REST_S,
    Budget,
    Completion,
    LlmClient,
    Message,
    Refusal,
)
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.usage import Usage, UsageMeter, estimate_tokens
from earshot.transcript.findings import TokensUsed
from tests.llm.server import LlmServer, Reply, refusal, serving

KEY = "sk-do-not-tell"
QUESTION = [Message("user", "What was said?")]
PARAMETERS: dict[str, Any] = {"max_tokens": 50, "temperature": 0}


class Pauses(list[float]):
    """Waits for nothing, and remembers how long it should have."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


class Clock:
    """Turned by hand."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def __call__(self) -> float:
        return self.at_s


def client_of(
    url: str,
    *,
    timeout_s: float = 10.0,
    pauses: Pauses | None = None,
    **options: Any,  # noqa: ANN401 - of LlmClient
) -> LlmClient:
    endpoint = LlmEndpoint("default", url, "tiny-model", KEY)
    wait = Pauses() if pauses is None else pauses
    return LlmClient(GuardedClient(), endpoint, timeout_s=timeout_s, wait=wait, **options)


def ask(
    replies: Sequence[Reply],
    *,
    pauses: Pauses | None = None,
    timeout_s: float = 10.0,
    budget_s: float = 60.0,
) -> tuple[Completion | Refusal, LlmServer]:
    with serving(replies) as server:
        client = client_of(server.url, timeout_s=timeout_s, pauses=pauses)
        return client.complete(QUESTION, Budget(budget_s), PARAMETERS), server


def test_the_question_is_put_as_the_api_has_it() -> None:
    answer, server = ask([Reply("Smoke.")])
    assert answer == Completion("Smoke.")
    assert server.paths == ["/v1/chat/completions"]
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert server.asked == [
        {
            "model": "tiny-model",
            "messages": [{"role": "user", "content": "What was said?"}],
            "max_tokens": 50,
            "temperature": 0,
        }
    ]


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_what_may_pass_is_tried_again(status: int) -> None:
    pauses = Pauses()
    answer, server = ask([Reply(status=status), Reply("Smoke.")], pauses=pauses)
    assert (answer, len(server.asked), len(pauses)) == (Completion("Smoke."), 2, 1)


def test_a_server_that_stays_down_is_given_up_after_a_few_times() -> None:
    pauses = Pauses()
    with serving([Reply(status=503)]) as server:
        client = client_of(server.url, pauses=pauses)
        with pytest.raises(LlmUnavailable, match="status 503"):
            client.complete(QUESTION, Budget(60), PARAMETERS)
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


def test_a_wait_that_is_no_number_of_seconds_is_passed_over() -> None:
    pauses = Pauses()
    nonsense = {"Retry-After": "9" * 5000}
    ask([Reply(status=429, headers=nonsense), Reply("Smoke.")], pauses=pauses)
    assert pauses == [1.0]


@pytest.mark.parametrize("status", [301, 401, 403, 404])
def test_what_does_not_pass_is_not_tried_again(status: int) -> None:
    with serving([Reply(status=status)]) as server:
        with pytest.raises(LlmUnavailable, match=str(status)):
            client_of(server.url).complete(QUESTION, Budget(60), PARAMETERS)
        assert len(server.asked) == 1


def test_what_a_refusal_says_is_told_and_not_shown() -> None:
    answer, server = ask([refusal("Unsupported parameter: 'Max_Tokens'", "max_tokens")])
    assert isinstance(answer, Refusal)
    assert answer.complaint == "unsupported parameter: 'max_tokens' max_tokens"
    assert "unsupported" not in repr(answer)
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 99_999, b"x" * 99_999, b"5"])
def test_a_refusal_may_say_nothing_that_can_be_read(body: bytes) -> None:
    assert ask([Reply(status=422, body=body)])[0] == Refusal(422, "")


def test_an_answer_that_was_cut_off_is_told_from_one_that_was_not() -> None:
    cut = Reply('{"title": "Smo', finish_reason="length")
    assert ask([cut])[0] == Completion('{"title": "Smo', is_cut_off=True)
    thinking = {"choices": [{"message": {"content": None}, "finish_reason": "length"}]}
    assert ask([Reply(body=json.dumps(thinking).encode())])[0] == Completion("", is_cut_off=True)


def test_a_server_that_is_too_slow_is_left() -> None:
    with pytest.raises(LlmUnavailable, match="no answer"):
        ask([Reply("Smoke.", holds_s=30)], timeout_s=0.1, budget_s=0.5)


def test_a_server_that_let_all_of_its_time_pass_is_not_asked_again() -> None:
    with serving([Reply("Smoke.", holds_s=30)]) as server:
        with pytest.raises(LlmUnavailable, match="no answer"):
            client_of(server.url, timeout_s=0.1).complete(QUESTION, Budget(60), PARAMETERS)
        assert len(server.asked) == 1


def test_a_server_that_is_down_is_left_alone_for_a_while() -> None:
    clock = Clock()
    with serving([*[Reply(status=503)] * MAX_ATTEMPTS, Reply("Smoke.")]) as server:
        client = client_of(server.url, now_s=clock)
        for reason in ("status 503", "down a moment ago"):
            with pytest.raises(LlmUnavailable, match=reason):
                client.complete(QUESTION, Budget(60), PARAMETERS)
        assert len(server.asked) == MAX_ATTEMPTS
        clock.at_s = REST_S
        assert client.complete(QUESTION, Budget(60), PARAMETERS) == Completion("Smoke.")


@pytest.mark.parametrize("status", [409, 500])
def test_a_question_that_breaks_a_server_keeps_nobody_else_from_asking(status: int) -> None:
    with serving([*[Reply(status=status)] * MAX_ATTEMPTS, Reply("Smoke.")]) as server:
        client = client_of(server.url)
        with pytest.raises(LlmUnavailable, match=f"status {status}"):
            client.complete(QUESTION, Budget(60), PARAMETERS)
        assert client.complete(QUESTION, Budget(60), PARAMETERS) == Completion("Smoke.")


def test_nor_does_a_request_of_a_caller_that_takes_all_of_the_time() -> None:
    with serving([Reply("Endless.", holds_s=30), Reply("Smoke.")]) as server:
        client = client_of(server.url, timeout_s=0.2)
        with pytest.raises(LlmUnavailable, match="no answer"):
            client.post({}, Budget(60), is_of_caller=True)
        assert client.complete(QUESTION, Budget(60), PARAMETERS) == Completion("Smoke.")


def test_nor_does_a_question_over_which_it_breaks_off() -> None:
    broken = [Reply("Smo", n_missing=9)] * MAX_ATTEMPTS
    with serving([*broken, Reply("Smoke.")]) as server:
        client = client_of(server.url)
        with pytest.raises(LlmUnavailable, match="no answer"):
            client.complete(QUESTION, Budget(60), PARAMETERS)
        assert len(server.asked) == MAX_ATTEMPTS
        assert client.complete(QUESTION, Budget(60), PARAMETERS) == Completion("Smoke.")


def test_a_server_that_cannot_be_reached_is_left_alone_for_a_while() -> None:
    client = client_of("http://127.0.0.1:1/v1")
    for reason in ("no answer", "down a moment ago"):
        with pytest.raises(LlmUnavailable, match=reason):
            client.complete(QUESTION, Budget(60), PARAMETERS)


def test_so_is_one_that_does_not_answer() -> None:
    with serving([Reply("Smoke.", holds_s=30)]) as server:
        client = client_of(server.url, timeout_s=0.1)
        for reason in ("no answer", "down a moment ago"):
            with pytest.raises(LlmUnavailable, match=reason):
                client.complete(QUESTION, Budget(60), PARAMETERS)
        assert len(server.asked) <= 1


def test_a_refusal_of_one_question_keeps_nobody_else_from_asking() -> None:
    with serving([Reply(status=401), Reply("Smoke.")]) as server:
        client = client_of(server.url)
        with pytest.raises(LlmUnavailable, match="status 401"):
            client.complete(QUESTION, Budget(60), PARAMETERS)
        assert client.complete(QUESTION, Budget(60), PARAMETERS) == Completion("Smoke.")


@contextmanager
def busy_client() -> Iterator[tuple[LlmServer, LlmClient, Thread]]:
    """A client whose one place is taken by a question, and the thread that has put it."""
    has_come = Event()

    def hold(_asked: dict[str, Any]) -> Reply:
        has_come.set()
        return Reply("Smoke.", holds_s=30)

    with serving(hold) as server:
        client = client_of(server.url, at_once=1, timeout_s=30)
        first = Thread(target=client.complete, args=(QUESTION, Budget(60), PARAMETERS))
        first.start()
        has_come.wait()
        yield server, client, first
    first.join()


def test_questions_beyond_so_many_wait_for_their_turn() -> None:
    with busy_client() as (server, client, _):
        with pytest.raises(LlmUnavailable, match="time for it is over"):
            client.complete(QUESTION, Budget(0.05), PARAMETERS)
        assert len(server.asked) == 1


def test_a_question_that_is_given_up_ends_and_keeps_nobody_else_from_asking() -> None:
    budget = Budget(60)

    def give_up_first(_asked: dict[str, Any]) -> Reply:
        if len(server.asked) > 1:
            return Reply("Smoke.")
        budget.give_up()
        return Reply("Late.", holds_s=60)

    with serving(give_up_first) as server:
        client = client_of(server.url, timeout_s=30, at_once=1)
        with pytest.raises(LlmUnavailable):
            client.complete(QUESTION, budget, PARAMETERS)
        assert client.complete(QUESTION, Budget(60), PARAMETERS) == Completion("Smoke.")
        assert len(server.asked) == 2


def test_who_waits_in_line_and_is_given_up_leaves_the_line() -> None:
    budget = Budget(60)
    with busy_client() as (_, client, first):
        leaving = Timer(0.1, budget.give_up)
        leaving.start()
        with pytest.raises(LlmUnavailable, match="time for it is over"):
            client.complete(QUESTION, budget, PARAMETERS)
        assert first.is_alive()
        leaving.join()


def test_who_is_given_up_between_two_attempts_waits_for_no_other() -> None:
    budget = Budget(60)

    def give_up(_asked: dict[str, Any]) -> Reply:
        Timer(0.1, budget.give_up).start()
        return Reply(status=503, headers={"Retry-After": "20"})

    with serving(give_up) as server:
        endpoint = LlmEndpoint("fast", server.url, "tiny-model")
        client = LlmClient(GuardedClient(), endpoint, timeout_s=10)
        began_s = time.monotonic()
        with pytest.raises(LlmUnavailable, match="time for it is over"):
            client.complete(QUESTION, budget, PARAMETERS)
        assert time.monotonic() - began_s < 15
        assert len(server.asked) == 1


def test_what_is_not_wanted_any_more_is_not_sent() -> None:
    def cancelled() -> None:
        raise TransitionImpossible(expected="processing", met="error")

    with serving([Reply(status=503)]) as server:
        client = client_of(server.url)
        with pytest.raises(TransitionImpossible):
            client.complete(QUESTION, Budget(60, cancelled), PARAMETERS)
        assert server.asked == []


def test_what_is_cancelled_between_two_attempts_is_not_sent_again() -> None:
    with serving([Reply(status=503)]) as server:

        def wanted_once() -> None:
            if server.asked:
                raise TransitionImpossible(expected="processing", met="error")

        with pytest.raises(TransitionImpossible):
            client_of(server.url).complete(QUESTION, Budget(60, wanted_once), PARAMETERS)
        assert len(server.asked) == 1


def test_nothing_is_asked_when_the_time_is_over() -> None:
    with serving([Reply("Smoke.")]) as server:
        with pytest.raises(LlmUnavailable, match="time for it is over"):
            client_of(server.url).complete(QUESTION, Budget(0), PARAMETERS)
        assert server.asked == []


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(LlmUnavailable, match="no answer"):
        client_of(f"http://127.0.0.1:{port}/v1").complete(QUESTION, Budget(60), PARAMETERS)


def test_an_address_that_is_never_connected_to_is_refused() -> None:
    with pytest.raises(LlmUnavailable, match="address"):
        client_of("http://169.254.169.254/v1").complete(QUESTION, Budget(60), PARAMETERS)


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


def test_who_had_little_time_puts_nobody_else_to_rest() -> None:
    with serving([Reply("Late.", holds_s=60.0), Reply("Smoke.")]) as server:
        client = client_of(server.url, timeout_s=30.0)
        with pytest.raises(LlmUnavailable, match="no answer"):
            client.complete(QUESTION, Budget(0.2), PARAMETERS)
        assert client.complete(QUESTION, Budget(20), PARAMETERS) == Completion("Smoke.")


class TestAStream:
    def test_it_comes_as_it_is(self) -> None:
        with serving([Reply(body=b"data: [DONE]\n\n")]) as server:
            client = client_of(server.url)
            with client.streaming({"messages": [], "stream": True}, Budget(10)) as come:
                assert not isinstance(come, Refusal)
                assert b"".join(come) == b"data: [DONE]\n\n"
        assert server.asked == [{"model": "tiny-model", "messages": [], "stream": True}]

    def test_a_refusal_is_one(self) -> None:
        with (
            serving([refusal("No Tools.")]) as server,
            client_of(server.url).streaming({}, Budget(10)) as come,
        ):
            assert come == Refusal(400, "no tools.")

    @pytest.mark.parametrize("reply", [Reply(status=500), Reply(status=429), Reply(status=302)])
    def test_what_is_no_answer_is_told_before_it_begins(self, reply: Reply) -> None:
        with (
            serving([reply]) as server,
            pytest.raises(LlmUnavailable, match=f"status {reply.status}"),
            client_of(server.url).streaming({}, Budget(10)),
        ):
            pass
        assert len(server.asked) == 1

    def test_no_time_is_left(self) -> None:
        client = client_of("http://127.0.0.1:1/v1")
        with pytest.raises(LlmUnavailable), client.streaming({}, Budget(0)):
            pass
        with pytest.raises(LlmUnavailable, match="no answer"), client.streaming({}, Budget(5)):
            pass

    def test_the_turn_is_given_back(self) -> None:
        with serving([Reply(body=b"data: 1\n\n")]) as server:
            client = client_of(server.url, at_once=1)
            for _ in range(2):
                with client.streaming({}, Budget(10)) as come:
                    assert not isinstance(come, Refusal)
                    assert list(come)


def test_tokens_are_those_that_the_endpoint_counted() -> None:
    body = {
        "choices": [{"message": {"content": "Smoke."}}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 2},
    }
    answer, _ = ask([Reply(body=json.dumps(body).encode())])
    assert isinstance(answer, Completion)
    assert answer.usage == Usage(5, 2)


def test_tokens_that_the_endpoint_does_not_count_are_estimated() -> None:
    answer, _ = ask([Reply("Smoke, mostly.")])
    assert isinstance(answer, Completion)
    assert answer.usage == Usage(estimate_tokens("What was said?"), 4)


def test_all_that_was_answered_is_on_the_meter_of_its_budget() -> None:
    meter = UsageMeter()
    with serving([Reply("Smoke.")]) as server:
        client = client_of(server.url)
        for _ in range(2):
            client.complete(QUESTION, Budget(60, meter=meter), PARAMETERS)
    assert meter.take() == (TokensUsed("tiny-model", 8, 4),)
