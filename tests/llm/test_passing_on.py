import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

import pytest

from earshot.egress.client import GuardedClient
from earshot.errors import LlmAnswerUnusable, LlmUnavailable
from earshot.llm.client import Budget, LlmClient, Refusal
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.passing_on import BROKEN_OFF, LlmStream, ask_for_all, ask_for_stream, used_for
from earshot.llm.usage import Usage
from tests.llm.server import LlmServer, Reply, as_openai_answers, refusal, serving

ASKED = {"messages": [{"role": "user", "content": "Hi."}], "max_tokens": 5}
EVENT = b'data: {"choices": [{"delta": {"content": "Hi."}}]}\n\n'
COUNTED = b'data: {"choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 2}}\n\n'
END = b"data: [DONE]\n\n"
Replies = Sequence[Reply] | Callable[[dict[str, Any]], Reply]


def client_of(server: LlmServer) -> LlmClient:
    endpoint = LlmEndpoint("fast", server.url, "tiny")
    return LlmClient(GuardedClient(), endpoint, timeout_s=5, at_once=1, wait=lambda _: None)


def whole(replies: Replies) -> tuple[dict[str, Any] | Refusal, LlmServer]:
    with serving(replies) as server:
        return ask_for_all(client_of(server), ASKED, Budget(20)), server


def streamed(reply: Reply, *, tells_usage: bool = False) -> tuple[list[bytes], Usage]:
    with serving([reply]) as server:
        come = ask_for_stream(client_of(server), ASKED, Budget(20), tells_usage=tells_usage)
        assert not isinstance(come, Refusal)
        try:
            return list(come), come.usage
        finally:
            come.close()


def test_the_answer_is_as_it_came() -> None:
    answer, server = whole([Reply("Hello.")])
    assert not isinstance(answer, Refusal)
    assert answer["choices"][0]["message"]["content"] == "Hello."
    assert server.asked == [{"model": "tiny", **ASKED}]


def test_the_limit_is_called_as_the_endpoint_wants_it() -> None:
    answer, server = whole(as_openai_answers(Reply("Hello.")))
    assert not isinstance(answer, Refusal)
    assert server.asked[-1]["max_completion_tokens"] == 5
    assert "max_tokens" not in server.asked[-1]


def test_what_is_refused_is_told() -> None:
    answer, server = whole([refusal("No tools here.")])
    assert answer == Refusal(400, "no tools here.")
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"choices": 1}', b'{"choices": []}'])
def test_what_is_no_answer_is_of_no_use(body: bytes) -> None:
    with pytest.raises(LlmAnswerUnusable):
        whole([Reply(body=body)])


def test_what_an_answer_took_is_estimated_where_it_is_not_told() -> None:
    choices = [{"message": {"content": "Hello."}}]
    told = {"prompt_tokens": 7, "completion_tokens": 5}
    assert used_for(ASKED, {"choices": choices, "usage": told}) == Usage(7, 5)
    assert used_for(ASKED, {"choices": choices}) == Usage(1, 2)
    called = [{"message": {"content": None, "tool_calls": [{"id": "c"}]}}]
    tools = [{"type": "function", "function": {"name": "look"}}]
    estimate = used_for({**ASKED, "tools": tools}, {"choices": called, "usage": {}})
    assert estimate.input_tokens > 10
    assert estimate.output_tokens > 1


def test_events_come_whole_and_with_what_they_took() -> None:
    body = b": hello\n\n" + EVENT + COUNTED + END
    events, usage = streamed(Reply(body=body), tells_usage=True)
    assert events == [EVENT, COUNTED, END]
    assert usage == Usage(4, 2)


def test_an_event_that_only_we_asked_for_is_not_passed_on() -> None:
    events, usage = streamed(Reply(body=EVENT + COUNTED + END))
    assert events == [EVENT, END]
    assert usage == Usage(4, 2)


def test_what_a_stream_took_is_estimated_where_it_is_not_told() -> None:
    call = b'data: {"choices": [{"delta": {"tool_calls": [{"id": "a call"}]}}]}\n\n'
    _, usage = streamed(Reply(body=EVENT + call + END))
    assert usage.input_tokens == 1
    assert usage.output_tokens > 1


def test_a_stream_may_end_without_a_line_break() -> None:
    events, _ = streamed(Reply(body=EVENT + END.strip()))
    assert events == [EVENT, END]


@pytest.mark.parametrize("broken", [b"data: {\n\n", b"data: 5\n\n", b"data: " + b"x" * 2**20])
def test_what_is_no_event_ends_a_stream(broken: bytes) -> None:
    events, _ = streamed(Reply(body=EVENT + broken + EVENT + END))
    assert events[0] == EVENT
    assert len(events) == 2
    assert BROKEN_OFF.encode() in events[-1]


def test_a_stream_that_breaks_off_says_so() -> None:
    events, usage = streamed(Reply(body=EVENT + b'data: {"cho', n_missing=100))
    assert events[0] == EVENT
    told = json.loads(events[-1].removeprefix(b"data: "))
    assert told["error"]["message"] == BROKEN_OFF
    assert END not in events
    assert usage == Usage(1, 1)


def test_a_stream_without_an_end_mark_has_broken_off() -> None:
    events, _ = streamed(Reply(body=EVENT))
    assert len(events) == 2
    assert BROKEN_OFF.encode() in events[-1]


def test_before_it_begins_a_stream_may_be_refused_or_fail() -> None:
    with serving([refusal("No tools here."), Reply(status=500)]) as server:
        client = client_of(server)
        assert ask_for_stream(client, ASKED, Budget(20)) == Refusal(400, "no tools here.")
        with pytest.raises(LlmUnavailable):
            ask_for_stream(client, ASKED, Budget(20))


def test_a_server_that_does_not_count_streams_all_the_same() -> None:
    def reply(asked: dict[str, Any]) -> Reply:
        if "stream_options" in asked:
            return refusal("Unknown: stream_options")
        return Reply(body=EVENT + END)

    with serving(reply) as server:
        asked = {**ASKED, "stream_options": {"include_usage": True}}
        client = client_of(server)
        for _ in range(2):  # the turn is given back
            come = ask_for_stream(client, asked, Budget(20))
            assert not isinstance(come, Refusal)
            assert list(come) == [EVENT, END]
            come.close()


def test_an_event_in_single_bytes_is_put_together_in_little_time() -> None:
    body = EVENT.replace(b"Hi.", b"a" * 200_000) + END
    began_s = time.process_time()
    come = (body[at : at + 1] for at in range(len(body)))
    stream = LlmStream("fast", come, ExitStack(), ASKED, tells_usage=False)
    assert len(list(stream)) == 2
    assert time.process_time() - began_s < 3  # it was 6, copied for every byte
