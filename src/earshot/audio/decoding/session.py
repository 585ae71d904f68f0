"""The conversation with one decoder child about one file, as values and errors of ours."""

import json
import logging
import math
import time
from collections.abc import Iterator
from typing import IO, Protocol

import numpy as np

from earshot.audio.decoding.child import ChildSilent
from earshot.audio.decoding.mixing import Mixer
from earshot.audio.decoding.protocol import (
    BYTES_PER_SAMPLE,
    MAX_CHANNELS,
    MIX_CHANNELS,
    POSITION,
    SAMPLE_RATE,
    DecodeRequest,
    FailureReason,
    Message,
    MessageInvalid,
    MessageKind,
)
from earshot.audio.media import ChannelBlock, DecodeOptions, MediaInfo
from earshot.audio.media_type import MediaType
from earshot.errors import AudioTooLong, AudioTooShort, AudioUnreadable, DecoderFailed

logger = logging.getLogger(__name__)

MAX_TEXT_CHARS = 200  # of any text that a child says
MAX_WARNINGS = 10
MAX_JSON_BYTES = 1 << 16
MAX_SAMPLE_RATE = 1 << 20
MAX_DURATION_S = 1e8  # three years: beyond that a header's claim says nothing


class Child(Protocol):
    """What a session needs of a decoder child."""

    @property
    def pid(self) -> int: ...
    def ask(self, request: DecodeRequest, media: IO[bytes]) -> None: ...
    def listen(self, *, timeout_s: float) -> Message: ...
    def stop(self) -> str: ...


class DecodeSession:
    """Asks a child to decode a file and listens; every way it can go wrong becomes one error."""

    def __init__(
        self,
        child: Child,
        media: IO[bytes],
        request: DecodeRequest,
        media_type: MediaType,
        options: DecodeOptions,
    ) -> None:
        self._child = child
        self._media = media
        self._request = request
        self._media_type = media_type
        self._options = options
        self._waited_s = 0.0
        self._decoded_samples = 0  # per channel; from the start of the media
        self._n_block_channels = 1
        self._mixer: Mixer | None = None
        self.warnings: tuple[str, ...] = ()
        self.denied: tuple[str, ...] = ()  # what the child gave up before it saw the media

    def begin(self) -> MediaInfo:
        """Hand over the file and wait for what it is.

        Raises AudioUnreadable, AudioTooShort, AudioTooLong or DecoderFailed.
        """
        try:
            self._child.ask(self._request, self._media)
        except OSError as error:
            raise self._failed("gone before it was asked") from error
        try:
            ready = self._expect(MessageKind.READY)
            self.denied = _texts(_parse(ready.payload))
            fields = _parse(self._expect(MessageKind.INFO).payload)
            most = MIX_CHANNELS if self._request.is_mixed else MAX_CHANNELS
            self._n_block_channels = _integer(fields, "n_block_channels", most)
            info = _media_info(fields)
        except MessageInvalid as error:
            raise self._failed(str(error)) from error
        if self._request.is_mixed and self._n_block_channels == MIX_CHANNELS:
            self._mixer = Mixer(info.n_channels)
        return info

    def blocks(self) -> Iterator[ChannelBlock]:
        """Blocks of at most 1 s; afterwards `warnings` is complete. Raises as `begin` does."""
        while True:
            message = self._receive()
            if message.kind == MessageKind.END:
                self.warnings = self._parse_warnings(message)
                if self._mixer is not None:
                    self.warnings += self._mixer.warnings
                return
            if message.kind != MessageKind.BLOCK:
                raise self._failed(f"message of kind {message.kind} among the blocks")
            block = self._block_of(message.payload)
            yield block if self._mixer is None else self._mixer.mix(block)

    def _expect(self, kind: int) -> Message:
        message = self._receive()
        if message.kind != kind:
            raise MessageInvalid(f"message of kind {message.kind} instead of {kind}")
        return message

    def _receive(self) -> Message:
        """The next message that is neither about progress nor a failure."""
        while True:
            message = self._listen()
            if message.kind == MessageKind.FAILURE:
                raise self._failure_of(message)
            if message.kind != MessageKind.PROGRESS:
                return message
            self._note_progress(message)

    def _listen(self) -> Message:
        begin_s = time.monotonic()
        try:
            return self._child.listen(timeout_s=self._rest_s())
        except ChildSilent as error:
            raise self._failed("it exceeded its time") from error
        except (EOFError, ConnectionError) as error:
            raise self._failed("it ended early") from error
        except MessageInvalid as error:
            raise self._failed(str(error)) from error
        finally:
            self._waited_s += time.monotonic() - begin_s

    def _rest_s(self) -> float:
        """How long the child may take until its next message."""
        options = self._options
        decoded_s = self._decoded_samples / SAMPLE_RATE
        allowed_s = options.allowance_s + decoded_s / options.min_speed
        return min(options.max_silence_s, allowed_s - self._waited_s)

    def _note_progress(self, message: Message) -> None:
        if len(message.payload) != POSITION.size:
            raise self._failed("malformed progress")
        (position_samples,) = POSITION.unpack(message.payload)
        self._grow(position_samples - self._decoded_samples)

    def _block_of(self, payload: bytes) -> ChannelBlock:
        frame_bytes = self._n_block_channels * BYTES_PER_SAMPLE
        if not payload or len(payload) % frame_bytes:
            raise self._failed(f"a block of {len(payload)} bytes")
        self._grow(len(payload) // frame_bytes)
        interleaved = np.frombuffer(payload, dtype="<i2").reshape(-1, self._n_block_channels)
        return np.ascontiguousarray(interleaved.T).astype(np.int16, copy=False)

    def _grow(self, n_samples: int) -> None:
        self._decoded_samples += n_samples
        # The child keeps to the limit by itself; this holds when it does not.
        most_ms = self._request.max_duration_ms + self._request.start_ms + 1000
        if n_samples < 0 or self._decoded_samples * 1000 > most_ms * SAMPLE_RATE:
            raise self._failed("more audio than was asked for")

    def _parse_warnings(self, message: Message) -> tuple[str, ...]:
        try:
            return _texts(_parse(message.payload))
        except MessageInvalid as error:
            raise self._failed(str(error)) from error

    def _failure_of(self, message: Message) -> Exception:
        try:
            fields = _parse(message.payload)
            reason, note = _text(fields, "reason"), _text(fields, "note")
        except MessageInvalid as error:
            return self._failed(str(error))
        match reason:
            case FailureReason.TOO_SHORT:
                return AudioTooShort()
            case FailureReason.TOO_LONG:
                return AudioTooLong()
            case FailureReason.UNREADABLE:
                return AudioUnreadable(self._media_type.describe(note))
            case _:
                return self._failed(note)

    def _failed(self, cause: str) -> DecoderFailed:
        ended = self._child.stop()
        fields = {"pid": self._child.pid, "cause": cause, "ended": ended}
        logger.warning("decoder_failed", extra=fields)
        return DecoderFailed("The audio decoder stopped before it was done")


def _parse(payload: bytes) -> object:
    if len(payload) > MAX_JSON_BYTES:
        raise MessageInvalid(f"{len(payload)} bytes of JSON")
    try:
        parsed: object = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise MessageInvalid("a message that is not JSON") from error
    return parsed


def _media_info(fields: object) -> MediaInfo:
    return MediaInfo(
        n_channels=_integer(fields, "n_channels", MAX_CHANNELS),
        sample_rate=_integer(fields, "sample_rate", MAX_SAMPLE_RATE),
        duration_ms=_duration_ms(_field(fields, "duration_s")),
        container=_text(fields, "container"),
        codec=_text(fields, "codec"),
    )


def _duration_ms(duration_s: object) -> int | None:
    if not isinstance(duration_s, int | float) or not math.isfinite(duration_s):
        return None
    return round(duration_s * 1000) if 0 <= duration_s <= MAX_DURATION_S else None


def _field(fields: object, name: str) -> object:
    if not isinstance(fields, dict) or name not in fields:
        raise MessageInvalid(f"a message without {name}")
    value: object = fields[name]
    return value


def _integer(fields: object, name: str, most: int) -> int:
    value = _field(fields, name)
    if not isinstance(value, int) or not 1 <= value <= most:
        raise MessageInvalid(f"a strange {name}")
    return value


def _text(fields: object, name: str) -> str:
    return _checked_text(_field(fields, name))


def _texts(values: object) -> tuple[str, ...]:
    if not isinstance(values, list) or len(values) > MAX_WARNINGS:
        raise MessageInvalid("a strange list")
    return tuple(_checked_text(value) for value in values)


def _checked_text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise MessageInvalid("a strange text")
    return value[:MAX_TEXT_CHARS]
