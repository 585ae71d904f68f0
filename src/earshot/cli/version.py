"""`earshot --version`."""

from typing import Annotated

import typer

from earshot import __version__


def _print_and_exit(value: bool) -> None:
    if value:
        print(f"earshot {__version__}")
        raise typer.Exit


def print_version(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_and_exit, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Options of the whole program."""
    del version  # its callback has done the work
