"""Bodies of the administrators' API: projects, keys, usage."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final, Self

from pydantic import ConfigDict, Field
from typing_extensions import override

from earshot.accounts.limits import ProjectLimits
from earshot.accounts.usage import UsageLine
from earshot.api.schemas.wire import Must, WireModel
from earshot.errors import RequestInvalid
from earshot.storage.api_keys import ApiKeyRow
from earshot.storage.projects import ProjectRow

MS_PER_S: Final = 1000
_Limit = Annotated[Annotated[int, Field(ge=1, lt=2**31)] | None, Must("a whole number over 0")]


class AdminRequest(WireModel):
    """A body that has no other members than these: a misspelled limit would be none."""

    model_config = ConfigDict(extra="forbid")

    @override
    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        _require_known(body, cls)
        return super().parse(body)


def _require_known(body: Mapping[str, Any], model: type[WireModel], where: str = "") -> None:
    """RequestInvalid for members that the model has not."""
    known = model.model_fields
    unknown = sorted(set(body) - known.keys())
    if unknown:
        name = unknown[0] if unknown[0].isprintable() else "that"
        raise RequestInvalid(f"{where}{name} is not known; there are {', '.join(known)}")


class LimitsBody(AdminRequest):
    """What the project may take; null, or absent, is no limit of its own."""

    concurrent_transcripts: _Limit = None
    """Transcripts that run at once; more are queued, `throttled`, and run in their turn."""
    requests_per_5_min: _Limit = None
    """HTTP requests in 5 minutes, to each process of the server."""
    live_sessions: _Limit = None
    """Live sessions at once, in each process of the server."""
    new_live_sessions_per_min: _Limit = None
    """New live sessions in a minute, to begin with: it grows by a tenth while it is well used."""
    lemur_per_min: _Limit = None
    """LeMUR requests in a minute, to all servers; in place of `EARSHOT_LEMUR_PER_MIN`."""

    @property
    def limits(self) -> ProjectLimits:
        return ProjectLimits(**self.model_dump())


class NewProjectBody(AdminRequest):
    """A project to be made."""

    name: Annotated[str, Must("a string")]


class ProjectChangeBody(AdminRequest):
    """What is to be changed of a project."""

    name: Annotated[str | None, Must("a string")] = None
    limits: Annotated[LimitsBody | None, Must("an object of limits")] = None
    """All limits of the project anew; `{}` for none."""

    @override
    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        limits = body.get("limits")
        if isinstance(limits, Mapping):
            _require_known(limits, LimitsBody, "limits.")
        return super().parse(body)


class NewKeyBody(AdminRequest):
    """A key to be made."""

    name: Annotated[str, Must("a string")]


class ProjectBody(WireModel):
    """A project: it owns keys, uploads, transcripts and known voices."""

    id: str
    name: str
    created: datetime
    limits: LimitsBody


class ProjectsBody(WireModel):
    """All projects, oldest first."""

    projects: list[ProjectBody]


class KeyBody(WireModel):
    """An API key, without the key itself."""

    id: str
    project_id: str
    name: str
    hint: str
    """The first characters of the key."""
    created: datetime
    last_used: datetime | None
    """To the minute."""
    revoked: datetime | None


class KeysBody(WireModel):
    """All keys, oldest first; also those that were revoked."""

    keys: list[KeyBody]


class NewKeyAnswer(KeyBody):
    """A key that was made."""

    key: Annotated[str, Field(repr=False)]
    """The key itself: it is shown this once."""


class UsageItem(WireModel):
    """What was used; a total has null where it is of more than one day, project, key, ...."""

    day: date | None
    """In UTC."""
    project_id: str | None
    project: str | None
    key_id: str | None
    """Empty where nobody knows it any more."""
    key: str | None
    product: str | None
    """`transcription`, `streaming`, `sync` or `llm`."""
    model: str | None
    requests: int
    audio_seconds: float
    """Audio that was heard."""
    session_seconds: float
    """How long live sessions went on."""
    input_tokens: int
    output_tokens: int
    cost: float | None
    """By the operator's prices, in the operator's currency; null where there are none."""


class UsageBody(WireModel):
    """What was used."""

    usage: list[UsageItem]


def project_body(row: ProjectRow) -> ProjectBody:
    limits = ProjectLimits.load(row.limits)
    return ProjectBody(
        id=row.id,
        name=row.name,
        created=row.created_at,
        limits=LimitsBody(
            concurrent_transcripts=limits.concurrent_transcripts,
            requests_per_5_min=limits.requests_per_5_min,
            live_sessions=limits.live_sessions,
            new_live_sessions_per_min=limits.new_live_sessions_per_min,
            lemur_per_min=limits.lemur_per_min,
        ),
    )


def key_body(row: ApiKeyRow) -> KeyBody:
    return KeyBody(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        hint=row.hint,
        created=row.created_at,
        last_used=row.last_used_at,
        revoked=row.revoked_at,
    )


def usage_item(line: UsageLine) -> UsageItem:
    total = line.total
    return UsageItem(
        day=total.day,
        project_id=total.project_id,
        project=line.project_name,
        key_id=total.key_id,
        key=line.key_name,
        product=total.product,
        model=total.model,
        requests=total.n_requests,
        audio_seconds=total.audio_ms / MS_PER_S,
        session_seconds=total.session_ms / MS_PER_S,
        input_tokens=total.input_tokens,
        output_tokens=total.output_tokens,
        cost=line.cost,
    )
