"""What the workflow engine logs, made fit for ours: no contents, no noise."""

import logging

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


class _Discreet(logging.Filter):
    """Drops what is expected and replaces an exception's text, which may quote, by its class."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info is not None and record.exc_info[0] is not None:
            name = record.exc_info[0].__name__
            if name in _EXPECTED:
                return False
            record.msg, record.args = f"{record.getMessage()} {name}", ()
            record.exc_info = None
        return not any(text in record.getMessage() for text in _EXPECTED_TEXTS)


def tame_engine_log() -> None:
    """Send the engine's warnings and errors our way; call before the engine is first used."""
    logger = logging.getLogger("dbos")
    if any(isinstance(known, _Discreet) for known in logger.filters):
        return
    logger.addFilter(_Discreet())
    # With a handler in place the engine adds none that writes to the console by itself.
    logger.addHandler(logging.NullHandler())
    logger.setLevel(logging.WARNING)
