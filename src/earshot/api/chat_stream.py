"""A language model's answer, sent on as it is written, and let go of however its client leaves."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Final

from fastapi.responses import StreamingResponse
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send
from typing_extensions import override

from earshot.llm.client import Budget
from earshot.llm.passing_on import LlmStream

logger = logging.getLogger(__name__)

METHOD_HEADER: Final = "X-Earshot-Method"
# Who reads nothing for so long is gone, or holds the model's time for nothing.
UNREAD_S: Final = 30.0


class RelayedStream(StreamingResponse):
    """The events of a stream. What is `held` for it is closed in any case, at the end.

    That is so even where its client left before the first event. It goes on for no longer than the
    budget, and a client that does not read meanwhile is left. One that leaves takes the question
    back, even where the model is silent.
    """

    def __init__(
        self,
        stream: LlmStream,
        budget: Budget,
        held: ExitStack,
        method: str,
        *,
        unread_s: float = UNREAD_S,
    ) -> None:
        super().__init__(
            _relay(stream, budget),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-cache", METHOD_HEADER: method},
        )
        self._budget = budget
        self._held = held
        self._unread_s = unread_s

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(self._unread_s):
                await send(message)

        async def receive_end() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                self._budget.give_up()
            return message

        try:
            await super().__call__(scope, receive_end, send_in_time)
        except TimeoutError as error:
            raise ClientDisconnect from error
        finally:
            await asyncio.shield(run_in_threadpool(self._held.close))


async def _relay(stream: LlmStream, budget: Budget) -> AsyncIterator[bytes]:
    async for event in iterate_in_threadpool(stream):
        yield event
        if budget.left_s <= 0:
            break
