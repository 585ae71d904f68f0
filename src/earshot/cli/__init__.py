"""The command line: parse arguments, call wiring, print."""

import gc
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typing_extensions import override

from earshot.cli.logs import show_warnings
from earshot.cli.version import print_version
from earshot.errors import CallerError, EarshotError

# Exit codes beyond 0: 1 is a bug, 2 a wrong command line (typer's own).
EXIT_CALLER_ERROR = 3
EXIT_OPERATOR_ERROR = 4
EXIT_INTERRUPTED = 130  # as shells have it

# So many new objects until the garbage collector looks. A start makes 300,000 that stay, and to
# look through them at Python's own 700 again and again took a fifth of it.
GARBAGE_THRESHOLD = 50_000

# Each is a module of this package with a `register`. A call loads only what it runs: `keys` needs
# no models.
COMMANDS = (
    "transcribe",
    "serve",
    "work",
    "keys",
    "admin",
    "speakers",
    "models",
    "doctor",
    "bench",
    "stream",
    "listen",
)


class _Commands(TyperGroup):
    """A question that is not answered with yes ends as Ctrl-C does; typer would make it our bug."""

    @override
    def invoke(self, ctx: Any) -> object:  # typer keeps its own copy of click
        try:
            return super().invoke(ctx)
        except typer.Abort:
            print("Aborted.", file=sys.stderr)
            raise typer.Exit(EXIT_INTERRUPTED) from None


def build_app(commands: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command line with those commands."""
    app = typer.Typer(
        name="earshot",
        cls=_Commands,
        help="Speech intelligence on your own machine: files in, timed words out.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
    )
    app.callback()(print_version)
    for command in commands:
        import_module(f"earshot.cli.{command}").register(app)
    return app


def main() -> None:
    """Run the command line; our own errors become one line on stderr and an exit code."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    show_warnings()
    called = [argument for argument in sys.argv[1:2] if argument in COMMANDS]
    try:
        build_app(called or COMMANDS)()
    except EarshotError as error:
        print(f"earshot: {error}", file=sys.stderr)
        if isinstance(error, CallerError):
            sys.exit(EXIT_CALLER_ERROR)
        if error.__cause__ is not None:
            # For the operator alone: a database driver's own words, without the statement.
            cause = getattr(error.__cause__, "orig", error.__cause__)
            print(f"  because: {cause}", file=sys.stderr)
        sys.exit(EXIT_OPERATOR_ERROR)
    except OSError as error:  # what the system refuses: a full disk, a folder of somebody else
        print(f"earshot: {error}", file=sys.stderr)
        sys.exit(EXIT_OPERATOR_ERROR)
    except KeyboardInterrupt:  # before typer, which ends on it as quietly, was in charge
        sys.exit(EXIT_INTERRUPTED)
