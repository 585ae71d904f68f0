"""What the API is built from: handed in, so that nothing here makes or finds its own."""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Literal, Protocol

import sqlalchemy as sa
from fastapi import Depends, Request

from earshot.accounts.prices import PriceTable
from earshot.accounts.rates import WindowedRates
from earshot.api.compat import Compat
from earshot.api.live_services import LiveServices
from earshot.api.schemas.availability import translates_none
from earshot.api.schemas.languages import ENGLISH_CODES
from earshot.api.sync_services import SyncServices
from earshot.api.turns import Turns
from earshot.egress.buckets import NO_BUCKETS, BucketPolicy
from earshot.llm.language_models import LanguageModels
from earshot.storage.media import MediaStore
from earshot.transcript.clock import Clock, utc_now
from earshot.transcript.options import (
    RedactionOptions,
    TranscriptOptions,
    UnderstandingOptions,
)
from earshot.transcript.result import TranscriptResult

Readiness = Literal["loading", "ready"]


class Jobs(Protocol):
    """The durable work behind transcripts, as far as the API touches it."""

    def submit(
        self, conn: sa.Connection, job_id: str, *, account_id: str, priority: int = 0
    ) -> None:
        """Queue the job in the caller's transaction."""

    def announce(self, conn: sa.Connection, job_id: str) -> None:
        """Queue the news that the job has ended, in the caller's transaction; once at most."""

    def cancel(self, job_id: str) -> None:
        """Stop the job if it is still under way."""

    def forget(self, job_id: str) -> None:
        """Delete every record of the job."""

    def load(self, account_id: str) -> int:
        """Number of the account's jobs that are queued or running."""


class Understanding(Protocol):
    """What finds out about finished transcripts while their owner waits."""

    def has_language_model(self, project_name: str) -> bool:
        """Whether a language model works for the project."""

    def understand(
        self,
        result: TranscriptResult,
        options: UnderstandingOptions,
        project_name: str,
        redaction: RedactionOptions | None = None,
    ) -> TranscriptResult:
        """The result with what is to be found out about it; blocks for minutes, at the longest.

        `redaction` is the one that the result has been through. Raises TooManyRequests.
        """


@dataclass(frozen=True, slots=True)
class ApiOptions:
    """How the API behaves on this server.

    `languages` are the codes that the installed models transcribe, and `tells_speakers` says
    whether one of them tells speakers apart, `translates_speech` whether the one for a recording
    can also write English, `finds_names` whether names are found well enough to be hidden.
    `buckets` are those that audio URLs may name. `public_url` marks the server as reachable by
    others than this machine.
    """

    public_url: str | None = None
    compat: Compat = "lenient"
    upload_max_bytes: int = 2_200_000_000  # "2.2 GB" of the compatible API
    body_max_bytes: int = 4 * 2**20  # a thousand terms of six words are 50 KB
    max_concurrent_jobs: int = 200
    list_window_days: int = 90
    listens_on_loopback: bool = True
    languages: frozenset[str] = ENGLISH_CODES
    tells_speakers: bool = True
    translates_speech: Callable[[TranscriptOptions], bool] = translates_none
    finds_names: bool = False
    buckets: BucketPolicy = NO_BUCKETS
    prices: PriceTable | None = None
    projects_in_settings: frozenset[str] = frozenset()
    lemur_per_min: int | None = None
    lemur_s: float = 28.0
    llm_window_tokens: int = 8192


def random_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class ApiServices:
    """Everything that the routes use; `readiness` says whether the models are loaded.

    Without `live`, this process takes no live sessions; without `understanding`, no requests for
    what needs a language model; without `sync`, none for transcripts at once. `stopping` is set
    when the server is about to end: nobody should wait any longer then.
    """

    engine: sa.Engine
    media: MediaStore
    jobs: Jobs
    options: ApiOptions
    readiness: Callable[[], Readiness]
    clock: Clock = utc_now
    new_id: Callable[[], str] = random_id
    live: LiveServices | None = None
    understanding: Understanding | None = None
    rates: WindowedRates = field(default_factory=WindowedRates)
    language_models: LanguageModels | None = None
    turns: Turns = field(default_factory=Turns)
    sync: SyncServices | None = None
    stopping: threading.Event = field(default_factory=threading.Event)

    def has_language_model(self, project_name: str) -> bool:
        """Whether a language model works for the project."""
        return self.understanding is not None and self.understanding.has_language_model(
            project_name
        )


def services_of(request: Request) -> ApiServices:
    services: ApiServices = request.app.state.services
    return services


Services = Annotated[ApiServices, Depends(services_of)]
