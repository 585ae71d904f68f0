"""One transcript while its caller waits: begun, told, and given up when the caller goes away."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from threading import Event
from typing import Any, Final, TypeVar

from fastapi import Request
from starlette.requests import ClientDisconnect

from earshot.api.forms import MediaPart
from earshot.api.services import ApiServices
from earshot.api.sync_services import SyncOrder, SyncServices
from earshot.api.waiting import until_gone
from earshot.errors import ServerStopping, SyncNotServed, TranscriptTooLate
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.result import TranscriptResult
from earshot.transcript.words import Word

T = TypeVar("T")

STOPPING_LOOK_S: Final = 0.5


def require_sync(services: ApiServices) -> SyncServices:
    """What transcribes in this process; SyncNotServed where nothing does."""
    if services.sync is None:
        raise SyncNotServed
    return services.sync


class SyncRun:
    """A transcript under way, for the client of one request. To be used on one event loop."""

    def __init__(
        self,
        request: Request,
        services: ApiServices,
        media: MediaPart,
        options: TranscriptOptions,
        max_ms: int,
        held: ExitStack,
        *,
        tells_words: bool = False,
    ) -> None:
        """Begins it.

        What is `held` for it, its file and its place, is let go once no thread works on it any
        more; where it cannot be begun, it stays with the caller.
        """
        self._is_over = Event()
        self._told: asyncio.Queue[Sequence[Word] | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        order = SyncOrder(
            media.path,
            options,
            max_ms,
            is_wanted=lambda: not self._is_over.is_set(),
            take_words=self._tell if tells_words else None,
        )
        sync = require_sync(services)
        self._future: Future[TranscriptResult] = sync.engines.submit(order)
        let_go = held.pop_all()
        self._future.add_done_callback(lambda _: let_go.close())
        self._future.add_done_callback(lambda _: self._tell(None))
        self._gone = asyncio.create_task(until_gone(request, self._is_over.set))
        self._stopped = asyncio.create_task(_until_stopped(services.stopping, sync.limits.last_s))

    async def result(self, limit_s: float | None = None) -> TranscriptResult:
        """The transcript.

        Raises what it ends with, TranscriptTooLate after `limit_s`, ClientDisconnect once the
        client is gone, and ServerStopping: nothing more is done for it then.
        """
        try:
            return await self._unless_gone(asyncio.wrap_future(self._future), limit_s)
        finally:
            self.give_up()

    async def next_words(self) -> Sequence[Word] | None:
        """The words of the next part; None when the transcript has come to its end.

        Raises ClientDisconnect once the client is gone, and ServerStopping.
        """
        return await self._unless_gone(asyncio.ensure_future(self._told.get()))

    async def words(self) -> AsyncIterator[Sequence[Word]]:
        """The words of each part as they come; raises as `next_words` does."""
        while (words := await self.next_words()) is not None:
            yield words

    def outcome(self) -> TranscriptResult:
        """The transcript, once there are no more words; raises what it ended with."""
        return self._future.result(timeout=0)

    def found(self) -> TranscriptResult | None:
        """The transcript; None where there is none, or not yet."""
        future = self._future
        if not future.done() or future.cancelled() or future.exception() is not None:
            return None
        return future.result()

    def give_up(self) -> None:
        """Nobody waits for it any more; without effect where it is done."""
        self._is_over.set()
        self._future.cancel()
        self._gone.cancel()
        self._stopped.cancel()

    async def _unless_gone(self, wanted: "asyncio.Future[T]", limit_s: float | None = None) -> T:
        try:
            either: set[asyncio.Future[Any]] = {wanted, self._gone, self._stopped}
            await asyncio.wait(either, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
            if wanted.done():
                return wanted.result()
            if self._gone.done():
                raise ClientDisconnect
            if self._stopped.done():
                raise ServerStopping
            assert limit_s is not None
            raise TranscriptTooLate(limit_s)
        finally:
            wanted.cancel()  # without effect where it is done

    def _tell(self, words: Sequence[Word] | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: the server has stopped
            self._loop.call_soon_threadsafe(self._told.put_nowait, words)


async def _until_stopped(stopping: Event, last_s: float) -> None:
    """Return when the server has been stopping for so long: soon it closes its connections."""
    while not stopping.is_set():  # noqa: ASYNC110 - that of threads is to be looked at
        await asyncio.sleep(STOPPING_LOOK_S)
    await asyncio.sleep(last_s)
