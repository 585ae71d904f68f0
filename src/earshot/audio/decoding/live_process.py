"""The decoder child of one live session.

`python -m earshot.audio.decoding.live_process SOCKET_FD MAX_MEMORY_BYTES ENCODING MAX_CPU_S`. It
answers each CHUNK with any number of BLOCK and one DONE, and ends after FINISH, a FAILURE, or with
its parent.
"""

import json
import os
import socket
import sys
from collections.abc import Iterator, Sequence

from earshot.audio.decoding.confinement import confine_process, confine_to_open_files
from earshot.audio.decoding.live_stream import DECODERS, LiveStreamDecoder, StreamRefused
from earshot.audio.decoding.protocol import (
    BLOCK_SAMPLES,
    BYTES_PER_SAMPLE,
    ByteStream,
    FailureReason,
    MessageKind,
    receive_message,
    send_message,
)

BLOCK_BYTES = BLOCK_SAMPLES * BYTES_PER_SAMPLE


def main(arguments: Sequence[str]) -> None:
    """Serve one session; returns when it has ended or the parent is gone."""
    socket_fd, max_memory_bytes, encoding, max_cpu_s = arguments
    decoder = DECODERS[encoding]()
    os.dup2(sys.stdout.fileno(), sys.stderr.fileno())  # to nowhere: what media provokes is noise
    with socket.socket(fileno=int(socket_fd)) as stream:
        stream.settimeout(None)
        denied = confine_process(max_memory_bytes=int(max_memory_bytes))
        confine_to_open_files(max_cpu_s=int(max_cpu_s))
        try:
            send_message(stream, MessageKind.READY, json.dumps(denied).encode())
            answer(stream, decoder)
        except (ConnectionError, EOFError):
            return  # the session is over; nobody is left to tell


def answer(stream: ByteStream, decoder: LiveStreamDecoder) -> None:
    """Decode chunk after chunk, until there are no more."""
    try:
        while True:
            kind, payload = receive_message(stream)
            is_last = kind == MessageKind.FINISH
            _send_blocks(stream, decoder.flush() if is_last else decoder.decode(payload))
            if is_last:
                return
    except StreamRefused as refusal:
        _send_failure(stream, FailureReason.UNREADABLE, str(refusal))
    except MemoryError:
        note = "decoding it takes more memory than is allowed"
        _send_failure(stream, FailureReason.UNREADABLE, note)
    except (ConnectionError, EOFError):
        raise
    except Exception as error:  # noqa: BLE001 - the border of the process; the parent logs it
        _send_failure(stream, FailureReason.INTERNAL, repr(error))


def _send_blocks(stream: ByteStream, parts: Iterator[bytes]) -> None:
    """Send what a chunk held: the last of it with DONE, what goes before in blocks of 1 s."""
    pending = bytearray()
    for part in parts:
        pending += part
        while len(pending) >= BLOCK_BYTES:
            send_message(stream, MessageKind.BLOCK, bytes(pending[:BLOCK_BYTES]))
            del pending[:BLOCK_BYTES]
    send_message(stream, MessageKind.DONE, bytes(pending))


def _send_failure(stream: ByteStream, reason: FailureReason, note: str) -> None:
    payload = json.dumps({"reason": reason.value, "note": note}).encode()
    send_message(stream, MessageKind.FAILURE, payload)


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)  # what media corrupted may not survive an orderly shutdown
