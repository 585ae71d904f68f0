"""Those who watch a live session: its turns as they come, to any number of screens."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

from earshot.api.schemas.live_messages import JsonObject

# Turns that have ended, told to whoever comes later.
MAX_KEPT = 20
# A screen that is this many messages behind is let go; it will come again.
MAX_WAITING = 200
# "Server-Sent Events": a comment now and then keeps proxies from closing what is quiet.
QUIET_S = 15.0

_End = None


class Viewers:
    """The screens of one session. To be used on one event loop."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[JsonObject | None]] = set()
        self._kept: deque[JsonObject] = deque(maxlen=MAX_KEPT)
        self._is_over = False

    @property
    def n_watching(self) -> int:
        return len(self._queues)

    def tell(self, message: JsonObject, *, is_kept: bool) -> None:
        """Tell all of them; what `is_kept` also those who come later."""
        if is_kept:
            self._keep(message)
        for queue in list(self._queues):
            if queue.qsize() >= MAX_WAITING:
                self._queues.discard(queue)
                queue.put_nowait(_End)
            else:
                queue.put_nowait(message)

    def end(self) -> None:
        """The session is over."""
        self._is_over = True
        for queue in self._queues:
            queue.put_nowait(_End)

    async def watch(self, quiet_s: float = QUIET_S) -> AsyncGenerator[str, None]:
        """What one screen reads, as Server-Sent Events, from the turns kept until the end."""
        with self._queue() as queue:
            while True:
                try:
                    message = await asyncio.wait_for(queue.get(), quiet_s)
                except TimeoutError:
                    yield ": quiet\n\n"
                    continue
                if message is _End:
                    return
                yield _event(message)

    def _keep(self, message: JsonObject) -> None:
        if self._kept and self._kept[-1].get("turn_order") == message.get("turn_order"):
            self._kept.pop()  # the same turn, formatted now
        self._kept.append(message)

    @contextmanager
    def _queue(self) -> Iterator["asyncio.Queue[JsonObject | None]"]:
        queue: asyncio.Queue[JsonObject | None] = asyncio.Queue()
        for message in self._kept:
            queue.put_nowait(message)
        if self._is_over:
            queue.put_nowait(_End)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)


def _event(message: JsonObject) -> str:
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return f"event: {message['type']}\ndata: {text}\n\n"
