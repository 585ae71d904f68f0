"""How events are logged: to stderr, one line each."""

import json
import logging
import sys

from typing_extensions import override

from earshot.errors import EarshotError
from earshot.settings import Settings

_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class EventFormatter(logging.Formatter):
    """One line per event: time, level, event name, then its fields as `name=value`.

    An error of our own tree is fields too; others are followed by their traces.
    """

    @override
    def format(self, record: logging.LogRecord) -> str:
        fields = {k: v for k, v in vars(record).items() if k not in _STANDARD_FIELDS}
        trace = record.exc_info
        if trace is not None and isinstance(trace[1], EarshotError):
            fields |= _fields_of(trace[1])
            trace = None
        parts = [self.formatTime(record), record.levelname.lower(), record.getMessage()]
        parts += [f"{name}={json.dumps(value, default=str)}" for name, value in fields.items()]
        line = " ".join(parts)
        return f"{line}\n{self.formatException(trace)}" if trace else line


def _fields_of(error: EarshotError) -> dict[str, str]:
    fields = {"error": type(error).__name__, "explanation": str(error)}
    if error.__cause__ is not None:
        # A database driver's own words, without the statement, and without the rows that it quotes
        # further down.
        cause = getattr(error.__cause__, "orig", error.__cause__)
        said = next(iter(str(cause).splitlines()), "")
        fields["because"] = f"{type(cause).__name__}: {said}"
    return fields


def show_warnings() -> None:
    """Send warnings to stderr, with their fields; Python by itself would leave these out."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(EventFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)


def start_logging(settings: Settings) -> None:
    """Send events of the settings' level and above to stderr."""
    show_warnings()  # of others' libraries: only what somebody must act on
    logging.getLogger("earshot").setLevel(settings.log_level.upper())
