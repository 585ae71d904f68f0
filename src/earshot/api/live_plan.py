"""What a protocol of live sessions decides: what a session is to be, and how it is spoken to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from starlette.datastructures import QueryParams

from earshot.api.faults import Close, FaultKind, SessionFault
from earshot.api.live_services import LiveServices
from earshot.api.schemas.live_messages import Command, JsonObject
from earshot.streaming.events import Told
from earshot.streaming.options import LiveOptions

# "Short frames tolerated about 1 s before the error [obs]".
MAX_SHORT_MS = 1000.0


@dataclass(frozen=True, slots=True)
class SessionWebhook:
    """Where the turns of a session are sent when it has ended."""

    url: str
    auth_header_name: str | None = None
    auth_header_value: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """What a session is to be, from its parameters."""

    engine: str
    options: LiveOptions
    encoding: str
    sample_rate: int
    chunk_ms: tuple[int, int]  # the shortest and the longest
    idle_s: float | None = None
    max_ahead_s: float | None = None
    webhook: SessionWebhook | None = None
    llm_gateway: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """How far a session has come."""

    audio_ms: int
    session_ms: int
    realtime_factor: float = 0.0
    speech_probability: float = 0.0


class Dialect(Protocol):
    """One of the protocols. It is of one session, and may remember what it told."""

    def plan(self, query: QueryParams, live: LiveServices) -> SessionPlan:
        """What the session is to be; SessionFault where that cannot be."""
        ...

    def begin(self, session_id: str, expires_at: datetime) -> Sequence[JsonObject]:
        """The first messages."""
        ...

    def tell(self, told: Told) -> Sequence[JsonObject]:
        """What the client reads of that; perhaps nothing."""
        ...

    def beat(self, facts: SessionFacts) -> Sequence[JsonObject]:
        """What the client reads every few seconds; perhaps nothing."""
        ...

    def end(self, facts: SessionFacts) -> Sequence[JsonObject]:
        """The last messages of a session that ended well."""
        ...

    def read(self, text: str) -> Command:
        """What a text frame asks for; else SessionFault."""
        ...

    def update(self, changes: JsonObject) -> tuple[LiveOptions, Sequence[JsonObject]]:
        """The options after these changes, and what the client reads of it; else SessionFault."""
        ...

    def refuse(self, fault: SessionFault) -> tuple[Sequence[JsonObject], Close]:
        """The last messages of a session that ends because of that, and how it is closed."""
        ...


class ChunkRule:
    """How long chunks may be.

    Those that are too short are borne with for a second. The fault is found when yet another chunk
    comes: the last one before the end may be of any length.
    """

    def __init__(self, shortest_ms: int, longest_ms: int) -> None:
        self._shortest_ms = shortest_ms
        self._longest_ms = longest_ms
        self._short_ms = 0.0
        self._fault: SessionFault | None = None

    def check(self, duration_ms: float) -> None:
        """Note the next chunk; SessionFault where it, or the one before, breaks the rule."""
        if self._fault is not None:
            raise self._fault
        if duration_ms > self._longest_ms:
            raise self._violation(FaultKind.CHUNK_TOO_LONG, duration_ms)
        if duration_ms >= self._shortest_ms:
            self._short_ms = 0.0
            return
        self._short_ms += max(duration_ms, 1.0)  # chunks of nothing are not endless either
        if self._short_ms > MAX_SHORT_MS:
            self._fault = self._violation(FaultKind.CHUNK_TOO_SHORT, duration_ms)

    def _violation(self, kind: FaultKind, duration_ms: float) -> SessionFault:
        return SessionFault(
            kind,
            f"Input duration violation: {duration_ms:.1f} ms. "
            f"Expected between {self._shortest_ms} and {self._longest_ms} ms",
        )
