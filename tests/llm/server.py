"""A language model's endpoint on loopback, whose answers are written down beforehand."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override


@dataclass(frozen=True)
class Reply:
    """One answer; with `holds_s`, it comes that much later, or when the server is closed."""

    content: str | None = None
    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    holds_s: float = 0.0

    @property
    def payload(self) -> bytes:
        if self.body is not None:
            return self.body
        return json.dumps({"choices": [{"message": {"content": self.content}}]}).encode()


@dataclass
class LlmServer:
    """What was asked so far; the last reply is given again and again."""

    url: str
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def serving(replies: Sequence[Reply]) -> Iterator[LlmServer]:
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            reply = replies[min(len(server.asked), len(replies) - 1)]
            server.asked.append(json.loads(body))
            server.headers.append(dict(self.headers))
            server.paths.append(self.path)
            if reply.holds_s:
                closing.wait(reply.holds_s)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.payload)))
            self.end_headers()
            self.wfile.write(reply.payload)

        @override
        def log_message(self, format: str, *_arguments: object) -> None:
            """Tests read what was asked, not a log."""

        @override
        def handle(self) -> None:
            try:
                super().handle()
            except (BrokenPipeError, ConnectionResetError):
                return  # the client has given up, as some tests want it to

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = LlmServer(f"http://127.0.0.1:{http.server_port}/v1")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        closing.set()
        http.shutdown()
        thread.join()
        http.server_close()
