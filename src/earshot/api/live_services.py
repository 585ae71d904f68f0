"""What live sessions are built from, and which of them go on."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from earshot.accounts.autoscale import AutoscaledRates
from earshot.accounts.limits import NO_LIMITS, ProjectLimits
from earshot.api.catching_up import CatchingUp
from earshot.api.faults import FaultKind, SessionFault
from earshot.api.viewers import Viewers
from earshot.audio.speech import StreamingSpeechDetector
from earshot.diarization.diarizer import Track
from earshot.jobs.locks import LifeLocks
from earshot.recognition.recognizer import Recognition
from earshot.streaming.events import HearingWanted, SecretsWanted, SpeakersWanted, VoicesWanted
from earshot.streaming.options import LiveOptions
from earshot.streaming.redaction import TurnSecrets
from earshot.transcript.redaction_policies import policies_for_a_tagger

logger = logging.getLogger(__name__)

T = TypeVar("T")

MAX_WAITING_BYTES = 2**20  # beside what the socket itself holds: minutes of words
FLUSH_S = 5.0
# Of what a stopping server waits for, this is the first part.
DRAIN_S = 8.0


class Hearing(Protocol):
    """What recognises for all sessions of the process."""

    def submit(self, wanted: HearingWanted, *, is_ahead: bool) -> "Future[Recognition | None]":
        """The answer when it is there; None says that it was left out.

        What `is_ahead` was sent faster than it can have been spoken; others come first.
        """
        ...


class Voices(Protocol):
    """What tells voices apart for all sessions of the process."""

    def find_voices(self, wanted: VoicesWanted) -> "Future[list[Track]]":
        """The tracks when they are there."""
        ...

    def find_speakers(self, wanted: SpeakersWanted) -> "Future[list[int]]":
        """The speaker of each word when it is there."""
        ...


class Secrets(Protocol):
    """What finds secrets for all sessions of the process."""

    def find_secrets(self, wanted: SecretsWanted) -> "Future[TurnSecrets]":
        """What must be hidden, when it is found."""
        ...


@dataclass(frozen=True, slots=True)
class LiveParts:
    """Loaded models, shared by all sessions that speak to the same engine."""

    detector: StreamingSpeechDetector
    hearing: Hearing


class LiveEngines(Protocol):
    """The engines that recognise live audio here."""

    def choose(self, *, language: str | None, is_multilingual: bool) -> str | None:
        """The name of the engine for that language, or for many; None without one."""
        ...

    def knows(self, engine: str, language: str) -> bool:
        """Whether the engine transcribes that language."""
        ...

    def parts(self, engine: str) -> "Future[LiveParts]":
        """Its models, once they are loaded; never cancelled."""
        ...

    def voices(self) -> "Future[Voices]":
        """What tells voices apart, once it is loaded; never cancelled."""
        ...

    def secrets(self, *, finds_names: bool) -> "Future[Secrets]":
        """What finds secrets, names among them or not, once it is loaded; never cancelled."""
        ...


async def load_live(
    engines: LiveEngines, engine: str, options: LiveOptions
) -> tuple[LiveParts, Voices | None, Secrets | None]:
    """What a session with these options needs, once it is loaded; all of it begins at once."""
    parts = engines.parts(engine)
    voices = engines.voices() if options.speaker_labels else None
    secrets = None
    if options.redaction is not None:
        needs_names = bool(policies_for_a_tagger(options.redaction.policies))
        secrets = engines.secrets(finds_names=needs_names)
    loaded = await asyncio.shield(asyncio.wrap_future(parts))
    return loaded, await _loaded_if(voices), await _loaded_if(secrets)


async def _loaded_if(loading: "Future[T] | None") -> T | None:
    """What is loaded, once it is, if it was asked for; others may wait for the same."""
    if loading is None:
        return None
    return await asyncio.shield(asyncio.wrap_future(loading))


@dataclass(frozen=True, slots=True)
class LiveLimits:
    """What one project, and one session, may take.

    `max_ahead_s` is how much more audio than time may have passed; None lets a client send as fast
    as it is heard. `has_single_use_tokens` makes every temporary token good for one session. A
    client that reads too slowly may have `max_waiting_bytes` on their way to it, and at the end of
    its session `flush_s` to read the rest.
    """

    max_sessions: int = 100
    max_session_s: int = 10_800  # "3 h max"
    max_ahead_s: float | None = None
    has_single_use_tokens: bool = False
    tells_speakers: bool = False
    finds_names: bool = False
    max_waiting_bytes: int = MAX_WAITING_BYTES
    flush_s: float = FLUSH_S
    decode_memory_mb: int = 512  # of the process that decodes one session's compressed audio


DEFAULT_LIMITS = LiveLimits()


class RunningSession(Protocol):
    """A session that goes on, as others may speak to it."""

    project_id: str
    viewers: Viewers

    def stop(self) -> None:
        """Ask it to tell what is left and end."""


class LiveSessions:
    """The sessions that go on in this process. To be used on one event loop."""

    def __init__(self) -> None:
        self._running: dict[str, RunningSession] = {}
        self._n_of_project: Counter[str] = Counter()
        self._is_empty = asyncio.Event()
        self._is_empty.set()
        self.is_stopping = False
        self.catching_up = CatchingUp()
        self.rates = AutoscaledRates()

    @contextmanager
    def place(
        self,
        project_id: str,
        max_sessions: int,
        limits: ProjectLimits = NO_LIMITS,
        now: datetime | None = None,
    ) -> Iterator[None]:
        """A place for one more session of the project, held during the block; else SessionFault."""
        most = min(max_sessions, limits.live_sessions or max_sessions)
        per_min = limits.new_live_sessions_per_min
        is_full = self._n_of_project[project_id] >= most
        if not is_full and per_min is not None and now is not None:
            is_full = not self.rates.take(project_id, per_min, now)
        if is_full:
            raise SessionFault(
                FaultKind.TOO_MANY_SESSIONS,
                "Unauthorized Connection: Too many concurrent sessions",
            )
        self._n_of_project[project_id] += 1
        try:
            yield
        finally:
            self._n_of_project[project_id] -= 1

    @contextmanager
    def listed(self, session_id: str, session: RunningSession) -> Iterator[None]:
        """The session can be found by its id during the block."""
        self._running[session_id] = session
        self._is_empty.clear()
        if self.is_stopping:  # since it was admitted
            session.stop()
        try:
            yield
        finally:
            del self._running[session_id]
            if not self._running:
                self._is_empty.set()

    def find(self, session_id: str) -> RunningSession | None:
        return self._running.get(session_id)

    async def drain(self, patience_s: float = DRAIN_S) -> None:
        """Have every session tell what is left and end, and take no more."""
        self.is_stopping = True
        for session in list(self._running.values()):
            session.stop()
        try:
            async with asyncio.timeout(patience_s):
                await self._is_empty.wait()
        except TimeoutError:
            logger.warning("live_sessions_cut_off", extra={"n_sessions": len(self._running)})


@dataclass(frozen=True, slots=True)
class LiveServices:
    """Everything that live sessions use.

    With `locks`, which say that this process is alive, sessions are written down while they go on;
    without, only when they have ended.
    """

    engines: LiveEngines
    sessions: LiveSessions
    limits: LiveLimits = DEFAULT_LIMITS
    locks: LifeLocks | None = None
