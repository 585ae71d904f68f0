"""What ends a live session before its client ends it, and the codes that its socket closes with."""

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import Final, NamedTuple

from earshot.api.compat import Compat

# A close frame holds a reason of that many bytes at most (RFC 6455, 5.5).
MAX_REASON_BYTES: Final = 123
REASON_ELSEWHERE: Final = "See Error message for details"


class FaultKind(Enum):
    """Why a session ends; the texts are of whoever finds it out."""

    UNAUTHORIZED = auto()
    TOO_MANY_SESSIONS = auto()
    EXPIRED = auto()
    CHUNK_TOO_SHORT = auto()
    CHUNK_TOO_LONG = auto()
    TOO_FAST = auto()
    INVALID_JSON = auto()
    INVALID_MESSAGE = auto()
    INVALID_SAMPLE_RATE = auto()
    INVALID_VOCABULARY = auto()
    INVALID_INPUT = auto()
    INACTIVE = auto()
    SERVER_FAULT = auto()


class SessionFault(Exception):
    """Ends a live session; the text is for its client."""

    def __init__(self, kind: FaultKind, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text


class Close(NamedTuple):
    """How a socket is closed."""

    code: int
    reason: str


CANCELLED: Final = "Session Cancelled: An error occurred"

_INPUT_KINDS: Final = (
    FaultKind.INVALID_JSON,
    FaultKind.INVALID_MESSAGE,
    FaultKind.INVALID_SAMPLE_RATE,
    FaultKind.INVALID_VOCABULARY,
    FaultKind.INVALID_INPUT,
    FaultKind.INACTIVE,
)
CODES_2026: Final[Mapping[FaultKind, int]] = MappingProxyType(
    {
        FaultKind.UNAUTHORIZED: 1008,
        FaultKind.TOO_MANY_SESSIONS: 3009,
        FaultKind.EXPIRED: 3008,
        FaultKind.CHUNK_TOO_SHORT: 3007,
        FaultKind.CHUNK_TOO_LONG: 3007,
        FaultKind.TOO_FAST: 3007,
        FaultKind.SERVER_FAULT: 3005,
        **dict.fromkeys(_INPUT_KINDS, 3006),
    }
)
# "code [2025]" of the contract: everything but refused keys is 3005.
CODES_2025: Final[Mapping[FaultKind, int]] = MappingProxyType(
    {
        **dict.fromkeys(FaultKind, 3005),
        FaultKind.UNAUTHORIZED: 1008,
        FaultKind.TOO_MANY_SESSIONS: 1008,
    }
)


class LegacyClose(NamedTuple):
    """A code of the first real-time API, and its fixed text."""

    code: int
    text: str


LEGACY_CLOSES: Final[Mapping[FaultKind, LegacyClose]] = MappingProxyType(
    {
        FaultKind.INVALID_SAMPLE_RATE: LegacyClose(4000, "Sample rate must be a positive integer"),
        FaultKind.UNAUTHORIZED: LegacyClose(4001, "Not Authorized"),
        FaultKind.EXPIRED: LegacyClose(4008, "Session Expired"),
        FaultKind.TOO_FAST: LegacyClose(4029, "Client sent audio too fast"),
        FaultKind.INACTIVE: LegacyClose(4031, "Session idle for too long"),
        FaultKind.CHUNK_TOO_SHORT: LegacyClose(4032, "Audio duration is too short"),
        FaultKind.CHUNK_TOO_LONG: LegacyClose(4033, "Audio duration is too long"),
        FaultKind.INVALID_JSON: LegacyClose(4100, "Endpoint received invalid JSON"),
        FaultKind.INVALID_MESSAGE: LegacyClose(
            4101, "Endpoint received a message with an invalid schema"
        ),
        FaultKind.INVALID_INPUT: LegacyClose(
            4101, "Endpoint received a message with an invalid schema"
        ),
        FaultKind.TOO_MANY_SESSIONS: LegacyClose(
            4102, "This account has exceeded the number of allowed streams"
        ),
        FaultKind.INVALID_VOCABULARY: LegacyClose(4104, "Could not parse word boost parameter"),
        FaultKind.SERVER_FAULT: LegacyClose(
            1013, "Temporary server condition forced blocking client's request"
        ),
    }
)


def close_code(kind: FaultKind, compat: Compat) -> int:
    """The code that a v3 session is closed with."""
    return (CODES_2025 if compat == "2025" else CODES_2026)[kind]


def close_reason(text: str) -> str:
    """The reason: "holds the text unless longer, then `See Error message for details`"."""
    return text if len(text.encode()) <= MAX_REASON_BYTES else REASON_ELSEWHERE
