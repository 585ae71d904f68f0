"""What transcribes at once in the tests of the routes, and forms to send to it."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from threading import Event

from starlette.testclient import TestClient

from earshot.api.app import create_app
from earshot.api.sync_services import (
    DEFAULT_SYNC_LIMITS,
    SyncLimits,
    SyncOrder,
    SyncPlaces,
    SyncServices,
)
from earshot.transcript.result import TranscriptResult
from tests.api.conftest import World, result_of


@dataclass
class ScriptedEngines:
    """Hears the same in every recording, and remembers what it was asked for.

    What the recording held is read while it is there. With a `failure`, that is raised instead; if
    it `fails_late`, once words were told. With `holds`, nothing is ready until that is set.
    """

    result: TranscriptResult = field(default_factory=lambda: result_of("Good day. Well said."))
    failure: Exception | None = None
    fails_late: bool = False
    holds: Event | None = None
    detects_languages: bool = False
    translator: str | None = None
    model_names: Sequence[str] = ("moonshine-tiny-en", "moonshine")
    orders: list[SyncOrder] = field(default_factory=list)
    recordings: list[bytes] = field(default_factory=list)
    waiting: list[Future[TranscriptResult]] = field(default_factory=list)

    def submit(self, order: SyncOrder) -> Future[TranscriptResult]:
        self.orders.append(order)
        self.recordings.append(order.path.read_bytes())
        future: Future[TranscriptResult] = Future()
        if self.holds is not None:
            self.waiting.append(future)
        elif self.failure is not None:
            if self.fails_late and order.take_words is not None:
                order.take_words(self.result.words)
            future.set_exception(self.failure)
        else:
            if order.take_words is not None:
                order.take_words(self.result.words)
            future.set_result(self.result)
        return future

    @property
    def order(self) -> SyncOrder:
        [order] = self.orders
        return order


def client_of(
    world: World, engines: ScriptedEngines, limits: SyncLimits = DEFAULT_SYNC_LIMITS
) -> TestClient:
    """A client with a key, of a server that transcribes at once with these engines."""
    sync = SyncServices(engines, limits, SyncPlaces(limits))
    services = replace(world.services, sync=sync)
    return TestClient(create_app(services), headers={"Authorization": world.key})


Form = dict[str, tuple[str | None, bytes | str, str]]


def form(config: str | None = None, audio: bytes = b"RIFFsound", kind: str = "audio/wav") -> Form:
    """The parts of a sync request, in the order in which clients send them."""
    parts: Form = {} if config is None else {"config": (None, config, "application/json")}
    return {**parts, "audio": ("a.wav", audio, kind)}
