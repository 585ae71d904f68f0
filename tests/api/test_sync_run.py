import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack
from dataclasses import replace
from io import FileIO
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from fastapi import Request
from starlette.requests import ClientDisconnect
from typing_extensions import override

from earshot.api.forms import MediaPart
from earshot.api.multipart import PartHead
from earshot.api.sync_run import SyncRun, require_sync
from earshot.api.sync_services import SyncLimits, SyncServices
from earshot.errors import AudioUnreadable, ServerStopping, SyncNotServed, TranscriptTooLate
from earshot.transcript.options import TranscriptOptions
from tests.api.conftest import World, result_of, spoken
from tests.api.sync import ScriptedEngines

Start = Callable[..., SyncRun]


class Client:
    """The client of one request, which stays until it is told to go."""

    def __init__(self) -> None:
        self._leaves = asyncio.Event()
        self.request = Request({"type": "http", "headers": []}, self._receive)

    def leave(self) -> None:
        self._leaves.set()

    async def _receive(self) -> dict[str, Any]:
        await self._leaves.wait()
        return {"type": "http.disconnect"}


@pytest.fixture
def media(tmp_path: Path) -> Iterator[MediaPart]:
    path = tmp_path / "recording"
    path.write_bytes(b"sound")
    with FileIO(path) as file:
        yield MediaPart(PartHead("file", None, None), file, 5)


@pytest.fixture
def start(world: World, media: MediaPart) -> Start:
    def begin(
        client: Client, engines: ScriptedEngines, given_back: list[bool] | None = None
    ) -> SyncRun:
        with ExitStack() as held:
            held.callback(([] if given_back is None else given_back).append, True)
            held.callback(media.file.close)
            sync = SyncServices(engines, SyncLimits(last_s=0))
            services = replace(world.services, sync=sync)
            options = TranscriptOptions()
            return SyncRun(client.request, services, media, options, 9, held, tells_words=True)

    return begin


async def test_the_result_is_told_and_what_was_held_is_let_go(
    start: Start, media: MediaPart
) -> None:
    given_back: list[bool] = []
    run = start(Client(), ScriptedEngines(), given_back)
    assert (await run.result()).text == "Good day. Well said."
    assert given_back == [True]
    assert media.file.closed


async def test_what_it_ends_with_is_raised(start: Start) -> None:
    run = start(Client(), ScriptedEngines(failure=AudioUnreadable("a/b")))
    with pytest.raises(AudioUnreadable):
        await run.result()


async def test_nobody_wants_it_once_the_client_is_gone(start: Start) -> None:
    client, engines, given_back = Client(), ScriptedEngines(holds=Event()), list[bool]()
    run = start(client, engines, given_back)
    assert engines.order.is_wanted()
    waiting = asyncio.create_task(run.result())
    await asyncio.sleep(0)
    assert given_back == []
    client.leave()
    with pytest.raises(ClientDisconnect):
        await waiting
    assert not engines.order.is_wanted()
    assert engines.waiting[0].cancelled()
    assert given_back == [True]


async def test_a_thread_that_still_works_keeps_file_and_place(
    start: Start, media: MediaPart
) -> None:
    client, engines, given_back = Client(), ScriptedEngines(holds=Event()), list[bool]()
    run = start(client, engines, given_back)
    engines.waiting[0].set_running_or_notify_cancel()
    client.leave()
    with pytest.raises(ClientDisconnect):
        await run.result()
    assert given_back == []
    assert not media.file.closed
    engines.waiting[0].set_result(result_of("too late"))
    assert given_back == [True]
    assert media.file.closed


async def test_what_is_not_ready_in_time_is_given_up(start: Start) -> None:
    engines = ScriptedEngines(holds=Event())
    run = start(Client(), engines)
    with pytest.raises(TranscriptTooLate, match="within 0 s"):
        await run.result(limit_s=0.001)
    assert not engines.order.is_wanted()


async def test_nobody_wants_it_once_the_client_is_gone_even_if_nobody_waits(start: Start) -> None:
    client, engines = Client(), ScriptedEngines(holds=Event())
    run = start(client, engines)
    client.leave()
    for _ in range(9):
        await asyncio.sleep(0)
    assert not engines.order.is_wanted()
    run.give_up()


async def test_who_waits_for_a_server_that_is_being_stopped_is_told(
    start: Start, world: World
) -> None:
    engines = ScriptedEngines(holds=Event())
    world.services.stopping.set()
    run = start(Client(), engines)
    with pytest.raises(ServerStopping, match="send the request again"):
        await run.result()
    assert not engines.order.is_wanted()


async def test_words_are_told_from_any_thread_and_then_the_end(start: Start) -> None:
    engines = ScriptedEngines(holds=Event())
    run = start(Client(), engines)
    take, future = engines.order.take_words, engines.waiting[0]
    assert take is not None
    await asyncio.to_thread(take, spoken("one"))
    await asyncio.to_thread(take, spoken("two"))
    assert await run.next_words() == spoken("one")
    await asyncio.to_thread(future.set_result, result_of("one two"))
    assert [words async for words in run.words()] == [spoken("two")]
    assert run.outcome().text == "one two"
    run.give_up()


async def test_what_cannot_be_begun_stays_with_the_caller(start: Start, media: MediaPart) -> None:
    class Closed(ScriptedEngines):
        @override
        def submit(self, order: object) -> Any:
            del order
            raise CancelledError

    given_back: list[bool] = []
    with pytest.raises(CancelledError):
        start(Client(), Closed(), given_back)
    assert given_back == [True]
    assert media.file.closed


def test_a_process_without_models_says_so(world: World) -> None:
    with pytest.raises(SyncNotServed):
        require_sync(world.services)
