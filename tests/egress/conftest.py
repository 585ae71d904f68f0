"""A loopback server that answers every connection with what a script says."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

# Gets the connection, and sends on it whatever it likes; the request has been read by then.
Script = Callable[[socket.socket], None]


class ScriptedServer:
    """Answers connections one after another, and keeps the requests that it read."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None) -> None:
        self.requests: list[bytes] = []
        self.stopping = threading.Event()
        self._script = script
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def url(self, path: str = "/", *, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection, suppress(OSError):  # a client that hangs up is its own business
                if self.stopping.is_set():
                    return
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        if self._tls is None:
            self.requests.append(read_request(connection))
            self._script(connection)
            return
        with self._tls.wrap_socket(connection, server_side=True) as encrypted:
            self.requests.append(read_request(encrypted))
            self._script(encrypted)

    def stop(self) -> None:
        """Finish what is being answered, and answer nothing more."""
        if self.stopping.is_set():
            return
        self.stopping.set()
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()
        self._socket.close()


def read_request(connection: socket.socket) -> bytes:
    """The head of one request and as much body as its Content-Length announces."""
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            return received
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    n_missing = -len(body)
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            n_missing += int(value)
    while n_missing > 0:
        chunk = connection.recv(n_missing)
        n_missing -= len(chunk) or n_missing
        received += chunk
    return received


@pytest.fixture
def serve() -> Iterator[Callable[..., ScriptedServer]]:
    """Starts scripted servers; they stop with the test."""
    started: list[ScriptedServer] = []

    def start(script: Script, tls: ssl.SSLContext | None = None) -> ScriptedServer:
        started.append(ScriptedServer(script, tls))
        return started[-1]

    yield start
    for server in started:
        server.stop()
