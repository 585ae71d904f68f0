"""`earshot admin`: projects, usage, and keys of the administrators' API."""

import json
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Annotated, Final

import sqlalchemy as sa
import typer

from earshot.accounts.admin_keys import create_admin_key, revoke_admin_key
from earshot.accounts.limits import ProjectLimits
from earshot.accounts.projects import change_name, create_project, require_project
from earshot.accounts.removal import ProjectRemoval
from earshot.accounts.usage import UsageLine, report_usage
from earshot.cli.options import ConfigOption, DataOption, a_name
from earshot.errors import ProjectNotFound
from earshot.jobs.queue import JobQueue
from earshot.settings import load_settings
from earshot.storage.admin_keys import AdminKeyRow, list_admin_keys
from earshot.storage.projects import ProjectRow, list_projects, set_project_limits
from earshot.storage.usage import UsageFilter, project_names
from earshot.transcript.clock import utc_now
from earshot.wiring.records import open_records

COLUMNS: Final = {
    "day": "day",
    "project": "project_id",
    "key": "key_id",
    "product": "product",
    "model": "model",
}
MS_PER_H: Final = 3_600_000
MOST: Final = 2**31 - 1  # as over HTTP

admin_app = typer.Typer(
    help="Projects, usage and administrators' keys, also while the server runs.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
projects_app = typer.Typer(
    help="Make, list, rename, limit and delete projects.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
admin_keys_app = typer.Typer(
    help="Make, list and revoke keys of the administrators' API, which is off without one.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
admin_app.add_typer(projects_app, name="projects")
admin_app.add_typer(admin_keys_app, name="keys")
ProjectArgument = Annotated[str, typer.Argument(help="The project's name.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
NewName = Annotated[str, typer.Argument(help="The name.", callback=a_name)]
Limit = Annotated[int | None, typer.Option(min=0, max=MOST, help="0 for none of its own.")]


@projects_app.command("create")
def make_project(name: NewName, data: DataOption = None, config: ConfigOption = None) -> None:
    """Make a project; the first key of a project makes it, too.

    Example: `earshot admin projects create law`
    """
    records = open_records(load_settings(data=data, config=config))
    with records.writing() as connection:
        print(create_project(connection, name, utc_now()).id)


@projects_app.command("list")
def show_projects(
    as_json: JsonOption = False, data: DataOption = None, config: ConfigOption = None
) -> None:
    """List the projects, one a line: id, name, made, limits.

    Example: `earshot admin projects list`
    """
    records = open_records(load_settings(data=data, config=config))
    with records.reading() as connection:
        rows = list_projects(connection)
    if as_json:
        _print_json(map(_project_as_json, rows))
    else:
        for row in rows:
            limits = ProjectLimits.load(row.limits).dump() or {}
            shown = "".join(f"  {name}={value}" for name, value in limits.items())
            print(f"{row.id}  {row.name}  made {row.created_at:%Y-%m-%d}{shown}")


@projects_app.command()
def rename(
    project: ProjectArgument, name: NewName, data: DataOption = None, config: ConfigOption = None
) -> None:
    """Give a project another name. Settings must not name it any more: change them before.

    Example: `earshot admin projects rename law court`
    """
    settings = load_settings(data=data, config=config)
    with open_records(settings).writing() as connection:
        renamed = require_project(connection, project)
        change_name(connection, renamed.id, name, settings.named_projects)
    print(f"renamed {project} to {name}")


@projects_app.command()
def limit(
    project: ProjectArgument,
    concurrent_transcripts: Limit = None,
    requests_per_5_min: Limit = None,
    live_sessions: Limit = None,
    new_live_sessions_per_min: Limit = None,
    lemur_per_min: Limit = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Limit what a project may take; what is not given stays as it is.

    Example: `earshot admin projects limit law --live-sessions 5`
    """
    given = {
        "concurrent_transcripts": concurrent_transcripts,
        "requests_per_5_min": requests_per_5_min,
        "live_sessions": live_sessions,
        "new_live_sessions_per_min": new_live_sessions_per_min,
        "lemur_per_min": lemur_per_min,
    }
    changes = {name: value or None for name, value in given.items() if value is not None}
    records = open_records(load_settings(data=data, config=config))
    with records.writing() as connection:
        row = require_project(connection, project)
        limits = replace(ProjectLimits.load(row.limits), **changes)
        set_project_limits(connection, row.id, limits.dump())
    for name, value in asdict(limits).items():
        print(f"{name}: {'none' if value is None else value}")


@projects_app.command()
def delete(
    project: ProjectArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Delete a project and all that is in it, for good; only its usage stays.

    Its keys open nothing from that moment on.

    Example: `earshot admin projects delete law --yes`
    """
    records = open_records(load_settings(data=data, config=config))
    with records.reading() as connection:
        project_id = require_project(connection, project).id
    if not yes:
        typer.confirm(f"Delete {project}, its keys, transcripts, uploads and voices?", abort=True)
    with closing(JobQueue(records.engine)) as queue:
        ProjectRemoval(records.engine, records.media, queue, utc_now).remove(project_id)
    print(f"deleted {project}")


@admin_keys_app.command("create")
def make_key(name: NewName, data: DataOption = None, config: ConfigOption = None) -> None:
    """Make an admin key and print it, alone, on stdout; it is shown this once.

    It opens `/admin/v1`, and nothing else. Example: `earshot admin keys create ops`
    """
    records = open_records(load_settings(data=data, config=config))
    with records.writing() as connection:
        key = create_admin_key(connection, name, utc_now())
        print(key.secret, flush=True)  # in the transaction: a key that nobody saw must not exist


@admin_keys_app.command("list")
def show_keys(
    as_json: JsonOption = False, data: DataOption = None, config: ConfigOption = None
) -> None:
    """List the admin keys, one a line: start of the key, name, made, last used.

    Example: `earshot admin keys list`
    """
    records = open_records(load_settings(data=data, config=config))
    with records.reading() as connection:
        rows = list_admin_keys(connection)
    if as_json:
        _print_json(map(_key_as_json, rows))
    else:
        for row in rows:
            print(f"{row.hint}...  {row.name}  made {_day(row.created_at)}  used {_used(row)}")


@admin_keys_app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="The key's name.")],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make an admin key useless, at once and for good.

    Example: `earshot admin keys revoke ops`
    """
    records = open_records(load_settings(data=data, config=config))
    with records.writing() as connection:
        revoke_admin_key(connection, name)
    print(f"revoked {name}")


@admin_app.command()
def usage(
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, in UTC.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")
    ] = None,
    by: Annotated[
        str, typer.Option(help=f"Columns to add up by, of {','.join(COLUMNS)}.")
    ] = "project,product",
    project: Annotated[str | None, typer.Option(help="Only of this project.")] = None,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show what was used and, where EARSHOT_PRICES says so, what that costs.

    Hours of audio and of live sessions, tokens of language models.

    Example: `earshot admin usage --from 2026-03-01 --by project,day`
    """
    names = [name.strip() for name in by.split(",") if name.strip()]
    if not set(names) <= COLUMNS.keys():
        raise typer.BadParameter(f"--by takes {', '.join(COLUMNS)}, with commas between them")
    settings = load_settings(data=data, config=config)
    with open_records(settings).reading() as connection:
        wanted = UsageFilter(
            first_day=_date(first),
            last_day=_date(last),
            project_id=_project_id(connection, project),
        )
        columns = [column for name, column in COLUMNS.items() if name in names]
        lines = report_usage(connection, wanted, columns, settings.price_table)
    if as_json:
        _print_json(map(_as_json, lines))
    else:
        for line in lines:
            print("  ".join(_cells(line)))


def _project_id(connection: sa.Connection, name: str | None) -> str | None:
    """The id of the project, also of a deleted one, by the name that it has in reports."""
    if name is None:
        return None
    ids = {known: project_id for project_id, known in project_names(connection).items()}
    if name not in ids:
        raise ProjectNotFound(name)
    return ids[name]


def _print_json(items: Iterable[Mapping[str, object]]) -> None:
    print(json.dumps(list(items), indent=2))


def _project_as_json(row: ProjectRow) -> dict[str, object]:
    limits = ProjectLimits.load(row.limits).dump() or {}
    made = row.created_at.isoformat()
    return {"id": row.id, "name": row.name, "created": made, "limits": limits}


def _key_as_json(row: AdminKeyRow) -> dict[str, object]:
    used = row.last_used_at
    return {
        "hint": row.hint,
        "name": row.name,
        "created": row.created_at.isoformat(),
        "last_used": None if used is None else used.isoformat(),
    }


def _date(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _used(row: AdminKeyRow) -> str:
    return "never" if row.last_used_at is None else f"{row.last_used_at:%Y-%m-%d %H:%M}"


def _as_json(line: UsageLine) -> dict[str, object]:
    total = asdict(line.total)
    total["day"] = None if line.total.day is None else str(line.total.day)
    total |= {"project": line.project_name, "key": line.key_name, "cost": line.cost}
    return {name: value for name, value in total.items() if value is not None}


def _cells(line: UsageLine) -> list[str]:
    total = line.total
    of = (total.day, line.project_name, line.key_name, total.product, total.model)
    amounts = {
        "requests": f"{total.n_requests}",
        "audio h": f"{total.audio_ms / MS_PER_H:.2f}" if total.audio_ms else "",
        "live h": f"{total.session_ms / MS_PER_H:.2f}" if total.session_ms else "",
        "tokens in": f"{total.input_tokens or ''}",
        "tokens out": f"{total.output_tokens or ''}",
        "cost": "" if line.cost is None else f"{line.cost:.2f}",
    }
    return [
        *(str(name) for name in of if name),
        *(f"{name} {amount}" for name, amount in amounts.items() if amount),
    ]


def register(app: typer.Typer) -> None:
    app.add_typer(admin_app, name="admin")
