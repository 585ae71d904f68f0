"""How events are logged: to stderr, one line each."""

import json
import logging
import sys

from typing_extensions import override

from earshot.settings import Settings

_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class EventFormatter(logging.Formatter):
    """One line per event: time, level, event name, then its fields as `name=value`."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        fields = {k: v for k, v in vars(record).items() if k not in _STANDARD_FIELDS}
        parts = [self.formatTime(record), record.levelname.lower(), record.getMessage()]
        parts += [f"{name}={json.dumps(value, default=str)}" for name, value in fields.items()]
        line = " ".join(parts)
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def start_logging(settings: Settings) -> None:
    """Send events of the settings' level and above to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(EventFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)  # others' libraries: only what somebody must act on
    logging.getLogger("earshot").setLevel(settings.log_level.upper())
