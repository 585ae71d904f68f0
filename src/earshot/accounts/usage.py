"""What was used, by project, key, product, model and day (in UTC); and what that costs.

Amounts stay when what they are of is deleted: they hold no words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TypedDict

import sqlalchemy as sa

from earshot.accounts.prices import PriceTable
from earshot.errors import RequestInvalid
from earshot.storage.api_keys import list_api_keys
from earshot.storage.live_sessions import LiveSessionRow
from earshot.storage.usage import (
    GROUPS,
    UsageFilter,
    UsageRow,
    add_usage,
    project_names,
    total_usage,
)
from earshot.transcript.findings import TokensUsed

UNKNOWN = ""
"""The key, or the model, where nobody knows it."""

MAX_TOKENS = 10**9
"""Of one answer: what an endpoint counts beyond that is no count, and would spoil every sum."""

_MS = timedelta(milliseconds=1)


class Product(StrEnum):
    """What was used."""

    TRANSCRIPTION = "transcription"
    STREAMING = "streaming"
    SYNC = "sync"
    LLM = "llm"


@dataclass(frozen=True, slots=True)
class UsageOwner:
    """For whom something was done."""

    project_id: str
    key_id: str | None


@dataclass(frozen=True, slots=True)
class UsageLine:
    """A total of a report: names for ids, and the cost, where there are prices."""

    total: UsageRow
    project_name: str | None
    key_name: str | None
    cost: float | None


def record_audio(
    conn: sa.Connection,
    owner: UsageOwner,
    product: Product,
    model: str,
    *,
    audio_ms: int,
    now: datetime,
) -> None:
    """Count audio that was transcribed, in the transaction that makes it so."""
    row = _row(owner, product, model, now)
    add_usage(conn, UsageRow(**row, audio_ms=audio_ms))


def record_tokens(
    conn: sa.Connection,
    owner: UsageOwner,
    model: str,
    *,
    input_tokens: int,
    output_tokens: int,
    now: datetime,
) -> None:
    """Count what a language model read and wrote."""
    row = _row(owner, Product.LLM, model, now)
    n_in, n_out = (max(0, min(count, MAX_TOKENS)) for count in (input_tokens, output_tokens))
    add_usage(conn, UsageRow(**row, input_tokens=n_in, output_tokens=n_out))


def record_all_tokens(
    conn: sa.Connection, owner: UsageOwner, used: Iterable[TokensUsed], now: datetime
) -> None:
    """Count what several language models read and wrote."""
    for one in used:
        record_tokens(
            conn,
            owner,
            one.model,
            input_tokens=one.input_tokens,
            output_tokens=one.output_tokens,
            now=now,
        )


def record_live_session(conn: sa.Connection, session: LiveSessionRow) -> None:
    """Count a live session, on the day that it ended; once, in the transaction that ends it."""
    owner = UsageOwner(session.project_id, session.key_id)
    row = _row(owner, Product.STREAMING, session.engine or UNKNOWN, session.ended_at)
    session_ms = max(0, (session.ended_at - session.started_at) // _MS)
    add_usage(conn, UsageRow(**row, audio_ms=session.audio_ms, session_ms=session_ms))


def report_usage(
    conn: sa.Connection,
    wanted: UsageFilter,
    groups: Sequence[str] = GROUPS,
    prices: PriceTable | None = None,
) -> Sequence[UsageLine]:
    """The totals of those days by these columns, with what they cost if there are prices.

    Raises RequestInvalid where the last day comes before the first.
    """
    first_day, last_day = wanted.first_day, wanted.last_day
    if first_day is not None and last_day is not None and last_day < first_day:
        raise RequestInvalid(f"{last_day}, the last day, is before {first_day}, the first")
    names, keys = project_names(conn), _key_names(conn)
    # Prices are of products and models, so that a total over these is a sum of prices.
    costs = _costs(conn, wanted, groups, prices) if prices is not None else {}
    return [
        UsageLine(
            total,
            None if total.project_id is None else names.get(total.project_id),
            None if total.key_id is None else keys.get(total.key_id),
            costs.get(_group(total, groups)),
        )
        for total in total_usage(conn, wanted, groups)
    ]


def _costs(
    conn: sa.Connection, wanted: UsageFilter, groups: Sequence[str], prices: PriceTable
) -> Mapping[tuple[object, ...], float]:
    fine = [name for name in GROUPS if name in {*groups, "product", "model"}]
    costs: dict[tuple[object, ...], float] = {}
    for total in total_usage(conn, wanted, fine):
        group = _group(total, groups)
        costs[group] = costs.get(group, 0.0) + prices.cost(total)
    return costs


def _group(total: UsageRow, groups: Sequence[str]) -> tuple[object, ...]:
    return tuple(getattr(total, name) for name in groups)


def _key_names(conn: sa.Connection) -> dict[str, str]:
    return {key.id: key.name for key in list_api_keys(conn)}


class _Where(TypedDict):
    day: date
    project_id: str
    key_id: str
    product: str
    model: str


def _row(owner: UsageOwner, product: Product, model: str, now: datetime) -> _Where:
    return {
        "day": now.astimezone(UTC).date(),
        "project_id": owner.project_id,
        "key_id": owner.key_id or UNKNOWN,
        "product": product.value,
        "model": model,
    }
