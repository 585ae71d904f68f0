"""Command-line options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of the database and the media (EARSHOT_DATA)."),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="TOML file with settings (EARSHOT_CONFIG)."),
]
