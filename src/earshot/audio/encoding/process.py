"""The encoder child.

`python -m earshot.audio.encoding.process SOCKET_FD MAX_MEMORY_BYTES FORM N_CHANNELS MAX_CPU_S`. It
is sent PCM in CHUNKs, then FINISH. Each is answered with what is to be written to the file, in
order: BLOCK is bytes, PROGRESS the offset from which the bytes after it go on; then DONE.
"""

import json
import os
import socket
import sys
from collections.abc import Sequence
from typing import cast

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from earshot.audio.decoding.confinement import confine_process, confine_to_open_files
from earshot.audio.decoding.protocol import (
    BYTES_PER_SAMPLE,
    POSITION,
    SAMPLE_RATE,
    ByteStream,
    FailureReason,
    MessageKind,
    receive_message,
    send_message,
)

# FFmpeg's names of what a file of that form holds.
CODECS = {"mp3": "libmp3lame", "wav": "pcm_s16le"}
BIT_RATES = {1: 64_000, 2: 96_000}  # of MP3, by channels; at 16 kHz more is not heard
# "rf64": a file of over 4 GiB says so, a smaller one is plain WAV.
CONTAINER_OPTIONS = {"wav": {"rf64": "auto"}}
# Of LAME, from 0, the best, to 9, the fastest: twice as fast as the default, and hardly worse.
CODEC_OPTIONS = {"mp3": {"compression_level": "5"}}
LAYOUTS = {1: "mono", 2: "stereo"}
SEEK_SET, SEEK_CUR, SEEK_END = range(3)


class ForwardedFile:
    """A file that somebody else writes: what is written here is sent there."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._position = self._size = 0

    def write(self, data: bytes) -> int:
        send_message(self._stream, MessageKind.BLOCK, bytes(data))
        self._position += len(data)
        self._size = max(self._size, self._position)
        return len(data)

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        bases = {SEEK_SET: 0, SEEK_CUR: self._position, SEEK_END: self._size}
        self._position = bases[whence] + offset
        send_message(self._stream, MessageKind.PROGRESS, POSITION.pack(self._position))
        return self._position

    def tell(self) -> int:
        return self._position


class Encoder:
    """Interleaved 16 kHz PCM to a media file."""

    def __init__(self, file: ForwardedFile, form: str, n_channels: int) -> None:
        self._n_channels = n_channels
        self._container = av.open(
            file, mode="w", format=form, options=CONTAINER_OPTIONS.get(form, {})
        )
        self._layout = LAYOUTS.get(n_channels, f"{n_channels}c")
        stream = self._container.add_stream(
            CODECS[form],
            rate=SAMPLE_RATE,
            layout=self._layout,
            options=CODEC_OPTIONS.get(form, {}),
        )
        self._stream = cast("AudioStream", stream)
        self._stream.codec_context.thread_count = 1  # the child may not start threads
        if form == "mp3":
            self._stream.bit_rate = BIT_RATES[n_channels]
        self._n_samples = 0

    def encode(self, pcm: bytes) -> None:
        n_samples = len(pcm) // (self._n_channels * BYTES_PER_SAMPLE)
        frame = AudioFrame(format="s16", layout=self._layout, samples=n_samples)
        frame.sample_rate = SAMPLE_RATE
        frame.pts = self._n_samples
        frame.planes[0].update(pcm)
        self._n_samples += n_samples
        self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()


def main(arguments: Sequence[str]) -> None:
    """Serve one file; returns when it is whole or the parent is gone."""
    socket_fd, max_memory_bytes, form, n_channels, max_cpu_s = arguments
    os.dup2(sys.stdout.fileno(), sys.stderr.fileno())  # to nowhere: FFmpeg talks to itself
    warm_up(form, int(n_channels))
    with socket.socket(fileno=int(socket_fd)) as stream:
        stream.settimeout(None)
        denied = confine_process(max_memory_bytes=int(max_memory_bytes))
        confine_to_open_files(max_cpu_s=int(max_cpu_s))
        try:
            send_message(stream, MessageKind.READY, json.dumps(denied).encode())
            answer(stream, form, int(n_channels))
        except (ConnectionError, EOFError):
            return  # the parent lost interest or died; nobody is left to tell


def answer(stream: ByteStream, form: str, n_channels: int) -> None:
    """Encode chunk after chunk, until there are no more."""
    try:
        encoder = Encoder(ForwardedFile(stream), form, n_channels)
        while True:
            kind, payload = receive_message(stream)
            if kind == MessageKind.FINISH:
                encoder.finish()
            else:
                encoder.encode(payload)
            send_message(stream, MessageKind.DONE, b"")
            if kind == MessageKind.FINISH:
                return
    except (ConnectionError, EOFError):
        raise
    except Exception as error:  # noqa: BLE001 - the border of the process; the parent logs it
        note = json.dumps({"reason": FailureReason.INTERNAL, "note": repr(error)})
        send_message(stream, MessageKind.FAILURE, note.encode())


class _Nowhere:
    """Where what is encoded to get ready goes."""

    def sendall(self, data: bytes, /) -> None:
        pass

    def recv_into(self, buffer: memoryview, /) -> int:
        del buffer
        return 0


def warm_up(form: str, n_channels: int) -> None:
    """Encode a little of our own, so that whatever loads lazily is loaded before the limits."""
    encoder = Encoder(ForwardedFile(_Nowhere()), form, n_channels)
    encoder.encode(bytes(SAMPLE_RATE // 2 * n_channels * BYTES_PER_SAMPLE))
    encoder.finish()


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)  # nothing here needs an orderly shutdown
