"""Which bytes of a file a request asks for (RFC 9110, 14): players fetch a recording in parts."""

import re
from dataclasses import dataclass
from typing import Final

# More digits than any size has are no number that somebody means.
_ONE_RANGE: Final = re.compile(r"bytes=[ \t]*(\d{0,19})-(\d{0,19})[ \t]*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes from `start` to before `end`, of which there are none where the file has none there."""

    start: int
    end: int

    @property
    def n_bytes(self) -> int:
        return self.end - self.start


def asked_range(header: str | None, n_bytes: int) -> ByteRange | None:
    """The part of a file of that size that the `Range` header asks for; None for all of it.

    That is also what several parts at once are answered with, and what is no range at all, as the
    standard allows.
    """
    found = None if header is None else _ONE_RANGE.fullmatch(header)
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return ByteRange(max(0, n_bytes - int(last)), n_bytes)
    if last and int(last) < int(first):
        return None
    start = min(int(first), n_bytes)
    return ByteRange(start, n_bytes if not last else min(int(last) + 1, n_bytes))


def is_same_file(if_range: str | None, etag: str | None) -> bool:
    """Whether a part may be added to what the client has: it says of which file that was."""
    return if_range is None or if_range == etag
