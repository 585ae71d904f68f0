"""The states of a transcript."""

from enum import StrEnum


class TranscriptStatus(StrEnum):
    """queued -> processing -> completed | error; error is reached from queued too (cancelled)."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    ERROR = "error"
