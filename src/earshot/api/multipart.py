"""The parts of a multipart/form-data body (RFC 7578), found as its bytes arrive.

Nothing is kept but what may yet be the beginning of a delimiter, so that a recording passes through
in bounded memory, and what is wrong is refused before the rest has come.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from earshot.errors import RequestInvalid

MAX_HEAD_BYTES: Final = 8 * 1024
MAX_PARTS: Final = 200
MAX_PADDING_BYTES: Final = 200  # blanks after a delimiter, which RFC 2046 allows
MAX_BOUNDARY_CHARACTERS: Final = 70  # RFC 2046
MAX_AROUND_BYTES: Final = 64 * 1024  # before the first part and after the last, which nobody reads

_BLANKS: Final = b" \t"
_BOUNDARY: Final = re.compile(r';\s*boundary=(?:"([^"]+)"|([^\s;"]+))', re.IGNORECASE)
_PARAMETER: Final = re.compile(r';\s*([\w*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))')
_ESCAPED: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class PartHead:
    """What a part says of itself; a field has no `file_name`."""

    name: str
    file_name: str | None
    content_type: str | None


class PartEnd:
    """A part is complete."""


Event = PartHead | bytes | PartEnd
"""Of each part: its head, its content in pieces, its end."""


class _State(Enum):
    PREAMBLE = auto()
    DELIMITER = auto()
    HEAD = auto()
    CONTENT = auto()
    EPILOGUE = auto()


def boundary_of(content_type: str) -> bytes | None:
    """The boundary that a Content-Type names; None where it is not that of a form."""
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        return None
    found = _BOUNDARY.search(content_type)
    boundary = (found[1] or found[2]) if found else ""
    if not 0 < len(boundary) <= MAX_BOUNDARY_CHARACTERS or not boundary.isascii():
        return None
    return boundary.encode()


class MultipartParser:
    """Turns the bytes of one body into events. Raises RequestInvalid where it is no form."""

    def __init__(self, boundary: bytes) -> None:
        self._delimiter = b"\r\n--" + boundary
        self._pending = bytearray(b"\r\n")  # the first delimiter may stand at the very beginning
        self._state = _State.PREAMBLE
        self._n_parts = 0
        self._n_around = 0

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """What the bytes complete."""
        if self._is_over():
            self._pass_over(len(chunk))
            return
        self._pending += chunk
        while True:
            state = self._state
            if state is _State.CONTENT:
                yield from self._read_content()
            elif state is _State.HEAD:
                yield from self._read_head()
            else:
                self._read_delimiter()
            if self._state is state or self._is_over():
                return

    def close(self) -> None:
        """The body ends here; RequestInvalid where it should not."""
        if not self._is_over():
            raise RequestInvalid("the form ends before its last delimiter")

    def _is_over(self) -> bool:
        return self._state is _State.EPILOGUE

    def _read_content(self) -> Iterator[Event]:
        at = self._pending.find(self._delimiter)
        if at < 0:
            # Less than a delimiter may be the beginning of one.
            n_sure = len(self._pending) - len(self._delimiter) + 1
            if n_sure > 0:
                yield self._take(n_sure)
            return
        if at:
            yield self._take(at)
        self._drop(len(self._delimiter))
        self._state = _State.DELIMITER
        yield PartEnd()

    def _read_delimiter(self) -> None:
        if self._state is _State.PREAMBLE:
            at = self._pending.find(self._delimiter)
            n_sure = max(0, len(self._pending) - len(self._delimiter) + 1)
            self._pass_over(n_sure if at < 0 else at)
            if at < 0:
                self._drop(n_sure)
                return
            self._drop(at + len(self._delimiter))
            self._state = _State.DELIMITER
        if self._pending.startswith(b"--"):
            self._pass_over(len(self._pending))
            self._pending.clear()
            self._state = _State.EPILOGUE
            return
        line, newline, _ = self._pending.partition(b"\r\n")
        incomplete = b"" if newline else b"\r-"
        if line.strip(_BLANKS + incomplete) or len(line) > MAX_PADDING_BYTES:
            raise RequestInvalid("the form is damaged: something follows a delimiter")
        if newline:
            self._drop(len(line))  # its line break may also end an empty head
            self._state = _State.HEAD

    def _read_head(self) -> Iterator[Event]:
        at = self._pending.find(b"\r\n\r\n")
        if at > MAX_HEAD_BYTES or (at < 0 and len(self._pending) > MAX_HEAD_BYTES):
            raise RequestInvalid("the form is damaged: the head of a part is too long")
        if at < 0:
            return
        head = self._take(at).decode("utf-8", "replace")
        self._drop(4)
        self._n_parts += 1
        if self._n_parts > MAX_PARTS:
            raise RequestInvalid(f"the form has more than {MAX_PARTS} parts")
        self._state = _State.CONTENT
        yield _parse_head(head)

    def _pass_over(self, n_bytes: int) -> None:
        self._n_around += n_bytes
        if self._n_around > MAX_AROUND_BYTES:
            raise RequestInvalid("the form is damaged: too much stands around its parts")

    def _take(self, n_bytes: int) -> bytes:
        taken = bytes(self._pending[:n_bytes])
        self._drop(n_bytes)
        return taken

    def _drop(self, n_bytes: int) -> None:
        del self._pending[:n_bytes]


def _parse_head(head: str) -> PartHead:
    headers = {}
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    disposition = headers.get("content-disposition", "")
    parameters = {
        match[1].lower(): match[3] if match[2] is None else _ESCAPED.sub(r"\1", match[2])
        for match in _PARAMETER.finditer(disposition)
    }
    if not disposition.lower().startswith("form-data") or "name" not in parameters:
        raise RequestInvalid("the form is damaged: a part has no name")
    return PartHead(
        parameters["name"], parameters.get("filename"), headers.get("content-type") or None
    )
