"""What a decoder child and its parent say to each other over a socket pair.

Parent -> child, once: a `DecodeRequest` as JSON, with the open media file as ancillary data.
Child -> parent: READY, then INFO, any number of BLOCK and PROGRESS, and END; or FAILURE in place of
any of them. The child of a live session is sent CHUNKs and FINISH instead of a file: it says READY,
then, to each of them, any number of BLOCK and one DONE.

Each message is a kind and a length, then that many bytes. The child has been fed untrusted bytes:
the parent believes no length, shape or text of it unchecked.
"""

import json
import struct
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

SAMPLE_RATE = 16_000  # Hz, of every block; the rate of audio.waveform, which needs numpy
BYTES_PER_SAMPLE = 2
MAX_CHANNELS = 64  # what FFmpeg's channel mixer takes
MIX_CHANNELS = 2  # of a mix of several: their mean, and the first
BLOCK_SAMPLES = SAMPLE_RATE  # per channel, 1 s; what a block holds at most
MAX_PAYLOAD_BYTES = BLOCK_SAMPLES * MAX_CHANNELS * BYTES_PER_SAMPLE
MAX_REQUEST_BYTES = 4096
MIN_RECORDING_MS = 160  # "Audio duration is too short.": under 160 ms
TRUNCATED = "Truncated media: what decodes is transcribed"

HEADER = struct.Struct("<BI")  # kind, payload length
POSITION = struct.Struct("<Q")  # samples since the start of the media


class MessageKind:
    """First byte of a message."""

    READY = 1  # JSON list: what the child has been denied
    INFO = 2  # JSON: MediaInfo as fields, and n_block_channels
    BLOCK = 3  # int16 little-endian, interleaved, (n_samples, n_block_channels)
    PROGRESS = 4  # POSITION; the child skips ahead to the window
    END = 5  # JSON list of warnings
    FAILURE = 6  # JSON: reason, note
    CHUNK = 7  # to the child: what a live client sent
    FINISH = 8  # to the child: there are no more
    DONE = 9  # as BLOCK, perhaps empty: the last of a CHUNK


class FailureReason(StrEnum):
    """Why a child gave up."""

    UNREADABLE = "unreadable"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    INTERNAL = "internal"  # not the media's fault


class Message(NamedTuple):
    """One message of a child."""

    kind: int
    payload: bytes


class MessageInvalid(Exception):
    """A child said something that is not in the protocol."""


class ByteStream(Protocol):
    """The part of a socket that both ends use."""

    def recv_into(self, buffer: memoryview, /) -> int: ...
    def sendall(self, data: bytes, /) -> None: ...


@dataclass(frozen=True, slots=True)
class DecodeRequest:
    """What the parent asks of a child; times in ms from the start of the media."""

    is_mixed: bool  # MIX_CHANNELS, or the only one there is; instead of every channel
    start_ms: int
    end_ms: int | None
    max_duration_ms: int
    max_channel_ms: int  # duration times channels of the output
    max_cpu_s: int
    min_duration_ms: int = MIN_RECORDING_MS

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, payload: bytes) -> "DecodeRequest":
        return cls(**json.loads(payload))


def send_message(stream: ByteStream, kind: int, payload: bytes) -> None:
    """Write one message; blocks while the other end does not read (backpressure)."""
    stream.sendall(HEADER.pack(kind, len(payload)) + payload)


def receive_message(stream: ByteStream) -> Message:
    """Read one message; raises EOFError when the other end is gone, MessageInvalid on nonsense."""
    kind, n_bytes = HEADER.unpack(receive_exactly(stream, HEADER.size))
    if not MessageKind.READY <= kind <= MessageKind.DONE or n_bytes > MAX_PAYLOAD_BYTES:
        raise MessageInvalid(f"message of kind {kind} with {n_bytes} bytes")
    return Message(kind, receive_exactly(stream, n_bytes))


def receive_exactly(stream: ByteStream, n_bytes: int) -> bytes:
    """Read that many bytes; raises EOFError when the other end is gone before."""
    buffer = bytearray(n_bytes)
    rest = memoryview(buffer)
    while rest:
        n_read = stream.recv_into(rest)
        if n_read == 0:
            raise EOFError
        rest = rest[n_read:]
    return bytes(buffer)
