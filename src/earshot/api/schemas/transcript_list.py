"""The list of transcripts: its query parameters, its page, its items."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from earshot.api.schemas.wire import WireModel
from earshot.errors import RequestInvalid
from earshot.storage.transcripts import TranscriptRow
from earshot.transcript.status import TranscriptStatus

DEFAULT_LIMIT: Final = 10
MAX_LIMIT: Final = 200

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which page of the list is asked for; the ids are exclusive."""

    limit: int = DEFAULT_LIMIT
    status: TranscriptStatus | None = None
    created_on: date | None = None
    before_id: str | None = None
    after_id: str | None = None
    throttled_only: bool = False


class PageDetails(WireModel):
    """Where this page lies in the list."""

    limit: int
    result_count: int
    """Number of transcripts on this page."""
    current_url: str
    prev_url: str | None
    """The page of older transcripts; null where there are none."""
    next_url: str | None
    """The page of newer transcripts; null where there are none."""


class ListItem(WireModel):
    """A transcript in short."""

    id: str
    resource_url: str
    status: TranscriptStatus
    created: str
    """When it was submitted: ISO 8601 in UTC, without a zone."""
    completed: str | None
    """When it ended: ISO 8601 in UTC, without a zone."""
    audio_url: str
    error: str | None


class TranscriptListBody(WireModel):
    """A page of transcripts, newest first."""

    page_details: PageDetails
    transcripts: list[ListItem]


def parse_list_query(query: Mapping[str, str]) -> ListQuery:
    """The query, an empty value being the same as none; RequestInvalid names what is wrong."""
    given = {name: value for name, value in query.items() if value}
    return ListQuery(
        limit=_limit(given.get("limit")),
        status=_status(given.get("status")),
        created_on=_day(given.get("created_on")),
        before_id=given.get("before_id"),
        after_id=given.get("after_id"),
        throttled_only=_boolean("throttled_only", given.get("throttled_only")),
    )


def list_item(row: TranscriptRow, resource_url: str) -> ListItem:
    return ListItem(
        id=row.id,
        resource_url=resource_url,
        status=row.status,
        created=_naive(row.created_at),
        completed=None if row.completed_at is None else _naive(row.completed_at),
        audio_url=row.audio_url,
        error=row.error,
    )


def _naive(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    # A number of more digits than the limit has is out of range whatever it says.
    limit = int(text) if text.isdecimal() and len(text) <= len(str(MAX_LIMIT)) else 0
    if not 1 <= limit <= MAX_LIMIT:
        raise RequestInvalid(f"limit must be an integer between 1 and {MAX_LIMIT}")
    return limit


def _status(text: str | None) -> TranscriptStatus | None:
    if text is None:
        return None
    try:
        # Without pydantic-settings the SDK of 2025 sends its enum's own name along.
        return TranscriptStatus(text.removeprefix("TranscriptStatus."))
    except ValueError as error:
        raise RequestInvalid(f"status must be one of: {', '.join(TranscriptStatus)}") from error


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise RequestInvalid("created_on must be a date of the form YYYY-MM-DD") from error


def _boolean(name: str, text: str | None) -> bool:
    """`True` and `true`: clients write both."""
    if text is None:
        return False
    if text.lower() not in _BOOLEANS:
        raise RequestInvalid(f"{name} must be a Boolean")
    return _BOOLEANS[text.lower()]
