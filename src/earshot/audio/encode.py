"""16 kHz blocks -> a media file, encoded in a confined child process.

The samples are ours, but those that made them were fed untrusted bytes, and FFmpeg's encoders are
as much foreign code as its parsers are: they run where nothing can be opened. POSIX only.
"""

import logging
import math
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

import numpy as np

from earshot.audio.decoding.child import ChildSilent, DecoderChild
from earshot.audio.decoding.protocol import (
    POSITION,
    SAMPLE_RATE,
    Message,
    MessageInvalid,
    MessageKind,
)
from earshot.audio.media import MAX_RECORDING_MS, ChannelBlock
from earshot.errors import EncoderFailed
from earshot.transcript.options import RedactedAudioForm

logger = logging.getLogger(__name__)

CHILD_MODULE = "earshot.audio.encoding.process"
MAX_MEMORY_BYTES = 512 * 2**20
MAX_CHANNELS_OF_FORM: dict[RedactedAudioForm, int] = {"mp3": 2, "wav": 64}
# An encoder makes a hundred times real time; one that is slower than this does not do its work.
MIN_SPEED = 10.0
PATIENCE_S = 60.0  # for one answer
MAX_NOTE_BYTES = 200
# What is never as large: ten hours on 64 channels, and a header.
MAX_FILE_BYTES = 64 * 2 * SAMPLE_RATE * MAX_RECORDING_MS // 1000 + 2**20


class Child(Protocol):
    """What a conversation needs of the child."""

    @property
    def pid(self) -> int: ...
    def say(self, kind: int, payload: bytes, *, timeout_s: float) -> None: ...
    def listen(self, *, timeout_s: float) -> Message: ...
    def stop(self) -> str: ...


def encode_file(
    blocks: Iterable[ChannelBlock], path: Path, *, form: RedactedAudioForm, n_channels: int
) -> None:
    """Write the blocks, (n_channels, n_samples) each, to a new file; raises EncoderFailed.

    The file is whole when this returns; after an error it is the caller's to delete.
    """
    assert 1 <= n_channels <= MAX_CHANNELS_OF_FORM[form]
    max_cpu_s = math.ceil(MAX_RECORDING_MS / 1000 / MIN_SPEED)
    options = (form, str(n_channels), str(max_cpu_s))
    try:
        child = DecoderChild(*options, max_memory_bytes=MAX_MEMORY_BYTES, module=CHILD_MODULE)
    except OSError as error:
        raise EncoderFailed from error
    try:
        with path.open("wb") as file:
            conversation = Conversation(child, file)
            for block in blocks:
                interleaved = np.ascontiguousarray(block.T).astype("<i2", copy=False)
                conversation.ask(MessageKind.CHUNK, interleaved.tobytes())
            conversation.ask(MessageKind.FINISH, b"")
    finally:
        child.stop()


class Conversation:
    """Asks the child, and writes down what it answers; it is believed nothing unchecked."""

    def __init__(self, child: Child, file: IO[bytes], max_bytes: int = MAX_FILE_BYTES) -> None:
        self._child = child
        self._file = file
        self._max_bytes = max_bytes
        self._size = 0

    def ask(self, kind: int, payload: bytes) -> None:
        """Send that, and wait until all of its answer is in the file; raises EncoderFailed."""
        with self._failing():
            self._child.say(kind, payload, timeout_s=PATIENCE_S)
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            with self._failing():
                rest_s = deadline_s - time.monotonic()
                message = self._child.listen(timeout_s=rest_s)
                self._check(message)
            if message.kind == MessageKind.DONE:
                return
            self._write(message)

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Whatever goes wrong with the child is one error; what does with the file is its own."""
        try:
            yield
        except (OSError, EOFError, ChildSilent, MessageInvalid) as error:
            fields = {"pid": self._child.pid, "cause": repr(error), "ended": self._child.stop()}
            logger.warning("encoder_failed", extra=fields)
            raise EncoderFailed from error

    def _check(self, message: Message) -> None:
        match message.kind:
            case MessageKind.FAILURE:
                raise MessageInvalid(f"it gave up: {message.payload[:MAX_NOTE_BYTES]!r}")
            case MessageKind.BLOCK:
                if self._file.tell() + len(message.payload) > self._max_bytes:
                    raise MessageInvalid("more than there can be")
            case MessageKind.PROGRESS:
                self._require_position(message.payload)
            case MessageKind.READY | MessageKind.DONE:
                pass
            case _:
                raise MessageInvalid(f"message of kind {message.kind}")

    def _require_position(self, payload: bytes) -> None:
        if len(payload) != POSITION.size or POSITION.unpack(payload)[0] > self._size:
            raise MessageInvalid("a position that is none of the file's")

    def _write(self, message: Message) -> None:
        if message.kind == MessageKind.BLOCK:
            self._file.write(message.payload)
            self._size = max(self._size, self._file.tell())
        elif message.kind == MessageKind.PROGRESS:
            self._file.seek(POSITION.unpack(message.payload)[0])
