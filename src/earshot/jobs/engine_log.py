"""What the workflow engine logs, made fit for ours: no contents, no noise."""

import logging
import sys

from typing_extensions import override

# What an execution meets whose job was cancelled, forgotten or handed over in the meantime.
_EXPECTED = frozenset(
    {
        "DBOSAwaitedWorkflowCancelledError",
        "DBOSNonExistentWorkflowError",
        "DBOSWorkflowCancelledError",
        "DBOSWorkflowConflictIDError",
    }
)
_EXPECTED_TEXTS = (
    "no longer owned by this execution",
    "was cancelled during execution",
    "Asyncio task cancelled",  # webhooks that wait for their next attempt while the worker stops
)


_EVENT = "job_engine_trouble"


class _Discreet(logging.Filter):
    """Drops what is expected, and lets nothing else be quoted.

    The engine writes errors into its messages, and with them SQL and what was stored with it. Left
    are the exception's class and the place in the engine, by which its source tells the rest.
    """

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        kind = (record.exc_info or sys.exc_info())[0]
        name = None if kind is None else kind.__name__
        text = record.getMessage()
        if name in _EXPECTED or any(expected in text for expected in _EXPECTED_TEXTS):
            return False
        record.msg, record.args = _EVENT, ()
        record.exc_info = record.exc_text = record.stack_info = None
        vars(record).update(error=name, at=f"{record.module}:{record.lineno}")
        return True


def tame_engine_log() -> None:
    """Send the engine's warnings and errors our way; call before the engine is first used."""
    logger = logging.getLogger("dbos")
    if any(isinstance(known, _Discreet) for known in logger.filters):
        return
    logger.addFilter(_Discreet())
    # With a handler in place the engine adds none that writes to the console by itself.
    logger.addHandler(logging.NullHandler())
    logger.setLevel(logging.WARNING)
