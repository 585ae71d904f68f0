"""A form with one recording in it, received in bounded memory.

The recording lies in a file without a name: it is gone when it is closed, however this process
ends, and no other program finds it.
"""

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from fastapi import Request

from earshot.api.multipart import Event, MultipartParser, PartEnd, PartHead, boundary_of
from earshot.errors import FormExpected, RequestInvalid, StorageFull, UploadTooLarge
from earshot.storage.media import is_disk_full

MAX_FIELD_BYTES: Final = 64 * 1024
MAX_FIELDS_BYTES: Final = 256 * 1024  # all of them together
STALLED_S: Final = 60.0  # between two pieces of a body; it holds a place meanwhile
LONGEST_S: Final = 900.0  # of the whole body, for the same reason
WRITE_BYTES: Final = 2**20  # so much is handed to a thread that writes


@dataclass(frozen=True, slots=True)
class FormRules:
    """What a form must be: the name of the part with the recording, and how large that may be.

    `before_raw` bytes are left free at the beginning of the file where the recording is raw
    samples: room for a header.
    """

    media_name: str
    max_bytes: int
    if_none: str
    """What is said of a body that is no form."""
    if_no_media: str
    """What is said of a form without that part."""
    before_raw: int = 0
    stalled_s: float = STALLED_S
    longest_s: float = LONGEST_S
    refused: Mapping[str, str] = field(default_factory=dict)
    """Of fields that a form must not have, by name, what is said of them."""


@dataclass(frozen=True, slots=True)
class MediaPart:
    """The recording. Whoever has it closes it."""

    head: PartHead
    file: IO[bytes]
    n_bytes: int

    @property
    def path(self) -> Path:
        """Where it can be opened while it is not closed."""
        return Path(f"/dev/fd/{self.file.fileno()}")


@dataclass(frozen=True, slots=True)
class Form:
    """The fields by name, each with its values in their order, and the recording."""

    media: MediaPart
    fields: Mapping[str, list[str]] = field(default_factory=dict)

    def first(self, name: str) -> str | None:
        """The first value of the field; None where there is none."""
        return next(iter(self.fields.get(name, ())), None)

    def all(self, name: str) -> list[str]:
        """Every value of a list, with brackets after its name or without."""
        return [*self.fields.get(f"{name}[]", ()), *self.fields.get(name, ())]

    def members(self, name: str) -> dict[str, str]:
        """The members of an object, each of which is a field: `name[member]`."""
        begin = f"{name}["
        return {
            given[len(begin) : -1]: values[0]
            for given, values in self.fields.items()
            if given.startswith(begin) and given.endswith("]") and given != f"{name}[]"
        }


async def receive_form(request: Request, rules: FormRules) -> Form:
    """The form in the body.

    Raises FormExpected, RequestInvalid, UploadTooLarge, StorageFull, and ClientDisconnect where
    the client goes away; nothing is left then.
    """
    boundary = boundary_of(request.headers.get("content-type", ""))
    if boundary is None:
        raise FormExpected(rules.if_none)
    receiver = _Receiver(rules)
    try:
        await _read(request, MultipartParser(boundary), receiver, rules)
        return await asyncio.to_thread(receiver.finish)
    except OSError as error:
        receiver.discard()
        if is_disk_full(error):
            raise StorageFull from error
        raise
    except BaseException:
        receiver.discard()
        raise


async def _read(
    request: Request, parser: MultipartParser, receiver: "_Receiver", rules: FormRules
) -> None:
    """Have the receiver take the whole form; RequestInvalid where it does not come in time."""
    now_s = asyncio.get_running_loop().time
    latest_s = now_s() + rules.longest_s
    try:
        async with asyncio.timeout(min(rules.stalled_s, rules.longest_s)) as patience:
            async for chunk in request.stream():
                for event in parser.feed(chunk):
                    receiver.take(event)
                if receiver.wants_to_write:
                    await asyncio.to_thread(receiver.write)
                patience.reschedule(min(now_s() + rules.stalled_s, latest_s))
    except TimeoutError as error:
        if now_s() >= latest_s:
            raise RequestInvalid(f"the form was not there within {rules.longest_s:g} s") from error
        raise RequestInvalid(f"nothing more of the form came for {rules.stalled_s:g} s") from error
    parser.close()


class _Receiver:
    """Puts the parts together: fields in memory, the recording in a file."""

    def __init__(self, rules: FormRules) -> None:
        self._rules = rules
        self._fields: dict[str, list[str]] = {}
        self._n_field_bytes = 0
        self._head: PartHead | None = None
        self._field = bytearray()
        self._media: PartHead | None = None
        self._file: IO[bytes] | None = None
        self._unwritten = bytearray()
        self._n_bytes = 0

    @property
    def wants_to_write(self) -> bool:
        return len(self._unwritten) >= WRITE_BYTES

    def take(self, event: Event) -> None:
        match event:
            case PartHead():
                self._begin(event)
            case PartEnd():
                self._end()
            case _:
                self._add(event)

    def write(self) -> None:
        """Write what has come; blocks."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - handed on
            if is_raw(self._media):
                self._file.seek(self._rules.before_raw)
        unwritten = memoryview(bytes(self._unwritten))
        while unwritten:
            unwritten = unwritten[self._file.write(unwritten) :]
        self._unwritten.clear()

    def finish(self) -> Form:
        """The form; blocks. RequestInvalid where there is no recording in it."""
        if self._media is None:
            raise RequestInvalid(self._rules.if_no_media)
        self.write()
        assert self._file is not None
        return Form(MediaPart(self._media, self._file, self._n_bytes), self._fields)

    def discard(self) -> None:
        if self._file is not None:
            self._file.close()

    def _begin(self, head: PartHead) -> None:
        said = self._rules.refused.get(head.name.removesuffix("[]"))
        if said is not None:
            raise RequestInvalid(said)
        self._head = head
        self._field.clear()
        if head.name == self._rules.media_name:
            if self._media is not None:
                raise RequestInvalid(f"the form has more than one part `{head.name}`")
            self._media = head

    def _add(self, content: bytes) -> None:
        if self._head is self._media:
            self._n_bytes += len(content)
            if self._n_bytes > self._rules.max_bytes:
                raise UploadTooLarge(self._rules.max_bytes)
            self._unwritten += content
            return
        assert self._head is not None
        self._n_field_bytes += len(content)
        self._field += content
        if len(self._field) > MAX_FIELD_BYTES or self._n_field_bytes > MAX_FIELDS_BYTES:
            raise self._no_field(self._head, "is too long")

    def _end(self) -> None:
        assert self._head is not None
        if self._head is self._media:
            return
        try:
            text = self._field.decode("utf-8")
        except UnicodeDecodeError as error:
            raise self._no_field(self._head, "must be UTF-8") from error
        self._fields.setdefault(self._head.name, []).append(text)

    def _no_field(self, head: PartHead, rule: str) -> RequestInvalid:
        """What is said of a part that breaks the rule: a file may be the recording, misnamed."""
        if head.file_name is not None and self._media is None:
            return RequestInvalid(
                f"{self._rules.if_no_media}; `{head.name}` is another part, and {rule}"
            )
        return RequestInvalid(f"`{head.name}` {rule}")


def is_raw(head: PartHead | None) -> bool:
    """Whether the recording is said to be samples without a container."""
    if head is None:
        return False
    content_type = (head.content_type or "").partition(";")[0].strip().lower()
    if content_type in ("audio/pcm", "audio/l16"):
        return True
    name = (head.file_name or "").lower()
    return content_type in ("", "application/octet-stream") and name.endswith((".pcm", ".raw"))
