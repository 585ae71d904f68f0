"""Pages of the list of transcripts, and the URLs that lead from one to the next."""

from datetime import timedelta
from functools import partial
from typing import Any, Final

import sqlalchemy as sa
from fastapi import Request

from earshot.accounts.keys import Principal
from earshot.api.schemas.transcript_list import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    ListQuery,
    PageDetails,
    TranscriptListBody,
    list_item,
)
from earshot.api.services import ApiServices
from earshot.api.transcripts import owned_transcript
from earshot.api.urls import absolute_url
from earshot.errors import RequestInvalid
from earshot.storage.database import reading
from earshot.storage.transcripts import (
    TranscriptFilter,
    TranscriptRow,
    has_newer,
    has_older,
    list_transcripts,
)
from earshot.transcript.status import TranscriptStatus

_PATH = "/v2/transcript"


def _parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"name": name, "in": "query", "description": description, "schema": schema}


LIST_PARAMETERS: Final = [
    _parameter(
        "limit",
        "Length of a page.",
        type="integer",
        minimum=1,
        maximum=MAX_LIMIT,
        default=DEFAULT_LIMIT,
    ),
    _parameter("status", "Only these.", type="string", enum=[str(s) for s in TranscriptStatus]),
    _parameter(
        "created_on", "Only those submitted on that day, in UTC.", type="string", format="date"
    ),
    _parameter("before_id", "Only those older than that transcript.", type="string"),
    _parameter("after_id", "Only those newer than that transcript.", type="string"),
    _parameter(
        "throttled_only",
        "Only those that wait because the account has too many under way; overrides `status`.",
        type="boolean",
        deprecated=True,
    ),
]


def list_page(
    request: Request, services: ApiServices, caller: Principal, query: ListQuery
) -> TranscriptListBody:
    """The page of the caller's transcripts that the query asks for."""
    with reading(services.engine) as conn:
        wanted = _filter(conn, services, caller, query)
        rows = list_transcripts(conn, wanted)
        has_prev = bool(rows) and has_older(conn, wanted, rows[-1].sequence)
        has_next = bool(rows) and has_newer(conn, wanted, rows[0].sequence)
    link = partial(absolute_url, request, services.options)
    page = partial(_page_query, request, query)
    return TranscriptListBody(
        page_details=PageDetails(
            limit=query.limit,
            result_count=len(rows),
            current_url=link(_PATH, dict(request.query_params)),
            prev_url=link(_PATH, page(before_id=rows[-1].id)) if has_prev else None,
            next_url=link(_PATH, page(after_id=rows[0].id)) if has_next else None,
        ),
        transcripts=[list_item(row, link(f"{_PATH}/{row.id}")) for row in rows],
    )


def _filter(
    conn: sa.Connection, services: ApiServices, caller: Principal, query: ListQuery
) -> TranscriptFilter:
    before = _find(conn, caller, query.before_id)
    after = _find(conn, caller, query.after_id)
    if before is not None and after is not None and after.sequence <= before.sequence:
        raise RequestInvalid("'after_id' must be a newer transcript than 'before_id'")
    return TranscriptFilter(
        project_id=caller.project_id,
        limit=query.limit,
        status=query.status,
        created_on=query.created_on,
        before_sequence=None if before is None else before.sequence,
        after_sequence=None if after is None else after.sequence,
        throttled_only=query.throttled_only,
        created_after=services.clock() - timedelta(days=services.options.list_window_days),
    )


def _find(conn: sa.Connection, caller: Principal, wanted_id: str | None) -> TranscriptRow | None:
    return None if wanted_id is None else owned_transcript(conn, wanted_id, caller)


def _page_query(request: Request, query: ListQuery, **place: str) -> dict[str, str]:
    """The same list from another place on, with the same filters."""
    kept = {
        name: value
        for name, value in request.query_params.items()
        if name in ("status", "created_on", "throttled_only") and value
    }
    return {"limit": str(query.limit), **kept, **place}
