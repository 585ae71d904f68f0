"""The parent's handle on one decoder child: start, ask, listen with a deadline, end."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from earshot.audio.decoding.protocol import (
    DecodeRequest,
    Message,
    receive_message,
    send_message,
)

MODULE = "earshot.audio.decoding.process"


class ChildSilent(Exception):
    """The child said nothing whole before the deadline."""


class DecoderChild:
    """A process that decodes one file or stream; end it with `stop`, whatever happened."""

    def __init__(self, *options: str, max_memory_bytes: int, module: str = MODULE) -> None:
        """Start the process; returns at once, it gets ready by itself.

        `options` follow on its command line.
        """
        self._stream, theirs = socket.socketpair()
        with theirs:
            arguments = ["-P", "-s", "-m", module, str(theirs.fileno()), str(max_memory_bytes)]
            arguments += options
            try:
                self._process = subprocess.Popen(
                    [sys.executable, *arguments],
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    # stderr is ours until the child is ready: a broken installation shows there.
                    env=_scrubbed_environment(),
                    cwd=Path(sys.executable).anchor,
                    start_new_session=True,  # Ctrl-C is for us; we end our children
                )
            except OSError:
                self._stream.close()
                raise

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def connection(self) -> socket.socket:
        """Another end of the same connection, the caller's to close."""
        return self._stream.dup()

    def ask(self, request: DecodeRequest, media: IO[bytes]) -> None:
        """Hand over the open file; raises OSError when the child is gone."""
        socket.send_fds(self._stream, [request.to_json()], [media.fileno()])

    def say(self, kind: int, payload: bytes, *, timeout_s: float) -> None:
        """Send a message; raises OSError when the child is gone, or does not read for so long."""
        self._stream.settimeout(timeout_s)
        send_message(self._stream, kind, payload)

    def listen(self, *, timeout_s: float) -> Message:
        """Wait for the next message.

        Raises EOFError or ConnectionError when the child is gone, ChildSilent at the deadline.
        """
        return receive_message(_DeadlineStream(self._stream, time.monotonic() + timeout_s))

    def stop(self) -> str:
        """End the process if it has not ended, and release everything; returns how it ended."""
        self._stream.close()
        self._process.kill()
        status = self._process.wait()
        return signal.Signals(-status).name if status < 0 else f"exit status {status}"


class _DeadlineStream:
    """A socket whose reads, however they are split up, end at one deadline."""

    def __init__(self, stream: socket.socket, deadline_s: float) -> None:
        self._stream = stream
        self._deadline_s = deadline_s

    def recv_into(self, buffer: memoryview, /) -> int:
        rest_s = self._deadline_s - time.monotonic()
        if rest_s <= 0:
            raise ChildSilent
        self._stream.settimeout(rest_s)
        try:
            return self._stream.recv_into(buffer)
        except TimeoutError as error:
            raise ChildSilent from error

    def sendall(self, data: bytes, /) -> None:
        self._stream.sendall(data)


def _scrubbed_environment() -> dict[str, str]:
    """Nothing of ours (keys, proxies, settings): only where to find the modules."""
    return {
        "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
        "LC_ALL": "C.UTF-8",
    }
