"""Statements on `usage`: what was done for whom, added up by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from earshot.storage.schema import projects, usage

AMOUNTS = ("n_requests", "audio_ms", "session_ms", "input_tokens", "output_tokens")
GROUPS = ("day", "project_id", "key_id", "product", "model")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """What was done on one day with one key and one model.

    `audio_ms` is audio that was heard, `session_ms` how long live sessions went on. A total has
    None where it is of more than one day, project, ....
    """

    day: date | None
    project_id: str | None
    key_id: str | None
    product: str | None
    model: str | None
    n_requests: int = 1
    audio_ms: int = 0
    session_ms: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageFilter:
    """Which days, both included, and of which project."""

    first_day: date | None = None
    last_day: date | None = None
    project_id: str | None = None


def add_usage(conn: sa.Connection, row: UsageRow) -> None:
    """Add the row's amounts to those of the same day, project, key, product and model."""
    values = {name: getattr(row, name) for name in (*GROUPS, *AMOUNTS)}
    insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    statement = insert(usage).values(values)
    sums = {name: usage.c[name] + statement.excluded[name] for name in AMOUNTS}
    conn.execute(statement.on_conflict_do_update(index_elements=list(GROUPS), set_=sums))


def total_usage(
    conn: sa.Connection, wanted: UsageFilter, groups: Sequence[str] = GROUPS
) -> Sequence[UsageRow]:
    """One row for each combination of those columns, in their order; without any, one in all."""
    columns = [usage.c[name] for name in groups]
    sums = [sa.cast(sa.func.sum(usage.c[name]), sa.BigInteger).label(name) for name in AMOUNTS]
    query = sa.select(*columns, *sums).where(*_conditions(wanted))
    rows = conn.execute(query.group_by(*columns).order_by(*columns))
    empty = dict.fromkeys(GROUPS)
    return [
        UsageRow(**{**empty, **row._mapping})
        for row in rows
        if row._mapping["n_requests"] is not None
    ]


def project_names(conn: sa.Connection) -> dict[str, str]:
    """The names of all projects by their ids; a deleted one's says so."""
    rows = conn.execute(sa.select(projects.c.id, projects.c.name))
    return {row.id: row.name for row in rows}


def _conditions(wanted: UsageFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.first_day is not None:
        conditions.append(usage.c.day >= wanted.first_day)
    if wanted.last_day is not None:
        conditions.append(usage.c.day <= wanted.last_day)
    if wanted.project_id is not None:
        conditions.append(usage.c.project_id == wanted.project_id)
    return conditions
