"""The decoder child: `python -m earshot.audio.decoding.process SOCKET_FD MAX_MEMORY_BYTES`.

It gets ready, gives up what it does not need, waits for one file, decodes it and ends.
"""

import io
import json
import os
import socket
import struct
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import BinaryIO

from earshot.audio.decoding.confinement import confine_process, confine_to_open_files
from earshot.audio.decoding.protocol import (
    MAX_REQUEST_BYTES,
    POSITION,
    ByteStream,
    DecodeRequest,
    FailureReason,
    MessageKind,
    send_message,
)
from earshot.audio.decoding.recording import decode_recording
from earshot.audio.decoding.source import MediaRefused, SourceInfo


class ParentListener:
    """Passes on what happens in a decode to the parent."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream

    def on_info(self, info: SourceInfo, n_block_channels: int) -> None:
        fields = asdict(info) | {"n_block_channels": n_block_channels}
        send_message(self._stream, MessageKind.INFO, json.dumps(fields).encode())

    def on_block(self, pcm: bytes) -> None:
        send_message(self._stream, MessageKind.BLOCK, pcm)

    def on_progress(self, position_samples: int) -> None:
        send_message(self._stream, MessageKind.PROGRESS, POSITION.pack(position_samples))


class _Nobody:
    """A listener to warm-up audio."""

    def on_info(self, info: SourceInfo, n_block_channels: int) -> None:
        pass

    def on_block(self, pcm: bytes) -> None:
        pass

    def on_progress(self, position_samples: int) -> None:
        pass


def main(arguments: Sequence[str]) -> None:
    """Serve one decode; returns when it is told or the parent is gone."""
    socket_fd, max_memory_bytes = (int(argument) for argument in arguments)
    with socket.socket(fileno=socket_fd) as stream:
        stream.settimeout(None)
        try:
            serve(stream, max_memory_bytes=max_memory_bytes)
        except (ConnectionError, EOFError):
            return  # the parent lost interest or died; nobody is left to tell


def serve(stream: socket.socket, *, max_memory_bytes: int) -> None:
    """Say READY, take one request and answer it."""
    warm_up()
    os.dup2(sys.stdout.fileno(), sys.stderr.fileno())  # to nowhere: what media provokes is noise
    denied = confine_process(max_memory_bytes=max_memory_bytes)
    send_message(stream, MessageKind.READY, json.dumps(denied).encode())
    payload, files, _, _ = socket.recv_fds(stream, MAX_REQUEST_BYTES, 1)
    if not payload:
        raise EOFError
    request = DecodeRequest.from_json(payload)
    confine_to_open_files(max_cpu_s=request.max_cpu_s)
    with os.fdopen(files[0], "rb", buffering=0) as media:
        answer(stream, media, request)


def answer(stream: ByteStream, media: BinaryIO, request: DecodeRequest) -> None:
    """Decode, and end with one END or FAILURE."""
    try:
        warnings = decode_recording(media, request, ParentListener(stream))
    except MediaRefused as refusal:
        _send_failure(stream, refusal.reason, refusal.note)
    except MemoryError:
        note = "decoding it takes more memory than is allowed"
        _send_failure(stream, FailureReason.UNREADABLE, note)
    except ConnectionError:
        raise
    except Exception as error:  # noqa: BLE001 - the border of the process; the parent logs it
        _send_failure(stream, FailureReason.INTERNAL, repr(error))
    else:
        send_message(stream, MessageKind.END, json.dumps(warnings).encode())


def _send_failure(stream: ByteStream, reason: FailureReason, note: str) -> None:
    payload = json.dumps({"reason": reason.value, "note": note}).encode()
    send_message(stream, MessageKind.FAILURE, payload)


def warm_up() -> None:
    """Decode a little of our own, so that whatever loads lazily is loaded before the limits."""
    n_samples = 44_100 // 2
    data = bytes(n_samples * 4)
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, 44_100, 44_100 * 4, 4, 16)
    body = b"WAVE" + layout + struct.pack("<4sI", b"data", len(data)) + data
    media = io.BytesIO(struct.pack("<4sI", b"RIFF", len(body)) + body)
    request = DecodeRequest(
        is_mixed=True,
        start_ms=0,
        end_ms=None,
        max_duration_ms=1000,
        max_channel_ms=1000,
        max_cpu_s=1,
    )
    decode_recording(media, request, _Nobody())


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)  # what media corrupted may not survive an orderly shutdown
