"""What transcribes while its caller waits, and how many may wait."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Protocol

from earshot.errors import PlacesTaken, TooManyRequests
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.result import TranscriptResult
from earshot.transcript.words import Word


@dataclass(frozen=True, slots=True)
class SyncOrder:
    """One recording that somebody waits for.

    It is given up when it turns out to be over `max_ms`, and when it `is_wanted` no more.
    `take_words` is given the words of each part as soon as they are known, on any thread.
    """

    path: Path
    options: TranscriptOptions
    max_ms: int
    is_wanted: Callable[[], bool]
    take_words: Callable[[Sequence[Word]], None] | None = None


class SyncEngines(Protocol):
    """The engines of this process."""

    @property
    def model_names(self) -> Sequence[str]:
        """What models may be called by: their own names, and those that settings give them."""
        ...

    @property
    def detects_languages(self) -> bool:
        """Whether one of them tells many languages apart."""
        ...

    @property
    def translator(self) -> str | None:
        """The name of the best one that writes English whatever is spoken; None without one."""
        ...

    def submit(self, order: SyncOrder) -> "Future[TranscriptResult]":
        """The transcript when it is there; it raises what the recording, or loading, raises."""
        ...


@dataclass(frozen=True, slots=True)
class SyncLimits:
    """What one project, and one request, may take.

    Of one project `max_of_project` requests wait at once, of all of them `max_at_once`.
    """

    max_of_project: int = 16
    max_at_once: int = 32
    max_bytes: int = 100_000_000  # of the routes of OpenAI's API, which itself takes 25 MB
    max_s: int = 3_600  # likewise, of audio
    last_s: float = 5.0  # that a request may still take when the server is being stopped


DEFAULT_SYNC_LIMITS = SyncLimits()


class SyncPlaces:
    """Who is waiting; safe to share between threads."""

    def __init__(self, limits: SyncLimits = DEFAULT_SYNC_LIMITS) -> None:
        self._limits = limits
        self._taken: Counter[str] = Counter()  # by project
        self._lock = Lock()

    def take(self, project_id: str) -> Callable[[], None]:
        """Take a place, until what is returned is called.

        Raises TooManyRequests where the project has too many, PlacesTaken where all have.
        """
        with self._lock:
            if self._taken[project_id] >= self._limits.max_of_project:
                raise TooManyRequests
            if self._taken.total() >= self._limits.max_at_once:
                raise PlacesTaken
            self._taken[project_id] += 1
        return lambda: self._give_back(project_id)

    def _give_back(self, project_id: str) -> None:
        with self._lock:
            self._taken[project_id] -= 1
            self._taken += Counter()  # forgets those that have none


@dataclass(frozen=True, slots=True)
class SyncServices:
    """Everything that transcription at once uses."""

    engines: SyncEngines
    limits: SyncLimits = DEFAULT_SYNC_LIMITS
    places: SyncPlaces = field(default_factory=SyncPlaces)
