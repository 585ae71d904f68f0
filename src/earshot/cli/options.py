"""Command-line options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from earshot.accounts.names import require_name
from earshot.errors import RequestInvalid

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of the database and the media (EARSHOT_DATA)."),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="TOML file with settings (EARSHOT_CONFIG)."),
]
KeytermsOption = Annotated[
    list[str] | None,
    typer.Option("--keyterm", help="Word or phrase to listen for; may be given many times."),
]


def a_name(name: str) -> str:
    """For what is given a name here: a command line is wrong where that is none."""
    try:
        return require_name(name)
    except RequestInvalid as error:
        raise typer.BadParameter(str(error)) from error
