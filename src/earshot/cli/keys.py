"""`earshot keys`: make, list and revoke API keys, and the webhook secret of a project."""

from typing import Annotated

import typer

from earshot.accounts.keys import create_key, list_keys, revoke_key
from earshot.accounts.projects import (
    DEFAULT_PROJECT,
    require_project,
    rotate_webhook_secret,
    webhook_secret,
)
from earshot.cli.options import ConfigOption, DataOption, a_name
from earshot.settings import load_settings
from earshot.transcript.clock import utc_now
from earshot.wiring.records import open_records

keys_app = typer.Typer(
    help="Make, list and revoke API keys, also while the server runs.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
ProjectOption = Annotated[
    str,
    typer.Option("--project", help="Name of the project; a key opens the transcripts of one."),
]


@keys_app.command()
def create(
    name: Annotated[
        str,
        typer.Argument(
            help="A name to know the key by, such as the program that uses it.", callback=a_name
        ),
    ],
    project: Annotated[
        str,
        typer.Option(
            "--project",
            help="Name of the project, made if there is none; a key opens the transcripts of one.",
            callback=a_name,
        ),
    ] = DEFAULT_PROJECT,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a key and print it, alone, on stdout; it is shown this once.

    Example: `export ASSEMBLYAI_API_KEY=$(earshot keys create laptop)`
    """
    records = open_records(load_settings(data=data, config=config))
    with records.writing() as connection:
        key = create_key(connection, name, project, utc_now())
        print(key.secret, flush=True)  # in the transaction: a key that nobody saw must not exist


@keys_app.command("list")
def show(data: DataOption = None, config: ConfigOption = None) -> None:
    """List the keys that work, one a line: start of the key, project, name, made, last used.

    Example: `earshot keys list`
    """
    records = open_records(load_settings(data=data, config=config))
    with records.reading() as connection:
        for key in (key for key in list_keys(connection) if key.revoked_at is None):
            used = "never" if key.last_used_at is None else f"{key.last_used_at:%Y-%m-%d %H:%M}"
            made = f"{key.created_at:%Y-%m-%d}"
            print(f"{key.hint}...  {key.project_name}  {key.name}  made {made}  used {used}")


@keys_app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="The key's name.")],
    project: ProjectOption = DEFAULT_PROJECT,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a key useless, at once and for good.

    Example: `earshot keys revoke laptop`
    """
    records = open_records(load_settings(data=data, config=config))
    with records.writing() as connection:
        revoke_key(connection, name, utc_now(), project)
    print(f"revoked {name}")


@keys_app.command("webhook-secret")
def show_webhook_secret(
    project: ProjectOption = DEFAULT_PROJECT,
    rotate: Annotated[bool, typer.Option("--rotate", help="Make a new one first.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Print the secret that signs a project's webhooks (Standard Webhooks, `whsec_...`).

    Example: `earshot keys webhook-secret --project default`
    """
    records = open_records(load_settings(data=data, config=config))
    with records.writing() as connection:
        found = require_project(connection, project)
        get = rotate_webhook_secret if rotate else webhook_secret
        print(get(connection, found.id))


def register(app: typer.Typer) -> None:
    app.add_typer(keys_app, name="keys")
