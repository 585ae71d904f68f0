import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message, Scope

from earshot.api.chat_stream import RelayedStream
from earshot.egress.client import GuardedClient
from earshot.llm.client import Budget, LlmClient, Refusal
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.passing_on import LlmStream, ask_for_stream
from tests.llm.server import Reply, serving

EVENT = b'data: {"choices": [{"delta": {"content": "Hi."}}]}\n\n'
END = b"data: [DONE]\n\n"
SCOPE: Scope = {"type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}}


@contextmanager
def streaming(body: bytes = EVENT + END) -> Iterator[LlmStream]:
    with serving([Reply(body=body)]) as server:
        endpoint = LlmEndpoint("fast", server.url, "tiny")
        client = LlmClient(GuardedClient(), endpoint, timeout_s=5)
        come = ask_for_stream(client, {"messages": []}, Budget(20))
        assert not isinstance(come, Refusal)
        yield come


class Client:
    """Whoever reads the answer: `leaves` says whether that is over at once."""

    def __init__(self, *, leaves: bool = False, reads: bool = True) -> None:
        self.got = b""
        self._leaves = leaves
        self._reads = reads

    async def receive(self) -> Message:
        if not self._leaves:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if not self._reads:
            await asyncio.Event().wait()
        self.got += message.get("body", b"")


async def relay(stream: LlmStream, client: Client, budget: Budget, **options: float) -> None:
    """Send the answer; whatever becomes of it, nothing is held afterwards."""
    closed: list[str] = []
    held = ExitStack()
    held.callback(closed.append, "held")
    held.callback(stream.close)
    answer = RelayedStream(stream, budget, held, "llm:fast", **options)
    try:
        await answer(SCOPE, client.receive, client.send)
    finally:
        assert closed == ["held"]


async def test_what_was_held_is_let_go_at_the_end() -> None:
    client = Client()
    with streaming() as stream:
        await relay(stream, client, Budget(20))
    assert client.got == EVENT + END


async def test_it_is_let_go_where_the_client_left_before_the_first_event() -> None:
    client = Client(leaves=True)
    with streaming() as stream:
        await relay(stream, client, Budget(20))
    assert client.got == b""


async def test_the_question_is_taken_back_where_the_client_left() -> None:
    budget = Budget(20)
    with streaming() as stream:
        await relay(stream, Client(leaves=True), budget)
    assert budget.left_s <= 0


async def test_a_client_that_does_not_read_is_left() -> None:
    with streaming() as stream, pytest.raises(ClientDisconnect):
        await relay(stream, Client(reads=False), Budget(20), unread_s=0.01)


async def test_it_goes_on_for_no_longer_than_the_budget() -> None:
    client = Client()
    with streaming(EVENT * 50 + END) as stream:
        await relay(stream, client, Budget(0))
    assert client.got == EVENT
