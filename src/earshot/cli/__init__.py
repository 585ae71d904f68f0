"""The command line: parse arguments, call wiring, print."""

import sys

import typer

from earshot.cli.doctor import doctor
from earshot.cli.keys import keys_app
from earshot.cli.models import models_app
from earshot.cli.serve import serve
from earshot.cli.transcribe import transcribe
from earshot.cli.version import print_version
from earshot.cli.work import work
from earshot.errors import CallerError, EarshotError

# Exit codes beyond 0: 1 is a bug, 2 a wrong command line (typer's own).
EXIT_CALLER_ERROR = 3
EXIT_OPERATOR_ERROR = 4

app = typer.Typer(
    name="earshot",
    help="Speech intelligence on your own machine: files in, timed words out. Nothing leaves it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.callback()(print_version)
app.command()(transcribe)
app.command()(serve)
app.command()(work)
app.command()(doctor)
app.add_typer(keys_app, name="keys")
app.add_typer(models_app, name="models")


def main() -> None:
    """Run the command line; our own errors become one line on stderr and an exit code."""
    try:
        app()
    except EarshotError as error:
        print(f"earshot: {error}", file=sys.stderr)
        is_callers = isinstance(error, CallerError)
        sys.exit(EXIT_CALLER_ERROR if is_callers else EXIT_OPERATOR_ERROR)
