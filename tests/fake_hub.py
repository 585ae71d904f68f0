"""A model hub on loopback, with the answers of the real one: listings, redirects, checksums."""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha1, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from typing_extensions import override

from earshot.egress.client import GuardedClient
from earshot.egress.files import FileFetcher
from earshot.models.hub import Hub

COMMIT = "5d1f64e3d8a0c6b1e4a7f2c09b8d7e6f5a4b3c2d"
LARGE_BYTES = 1000  # from here on a file is kept apart, by its SHA-256


class FakeHub:
    """Serves the repository of that name at one commit.

    What is in `lies` is sent in place of the listed content. A hub with a `token` refuses whoever
    does not bring it. Large files are redirected to a path that must be asked for without it.
    """

    def __init__(
        self, files: Mapping[str, bytes], name: str = "org/tiny", *, token: str | None = None
    ) -> None:
        self.files = dict(files)
        self.name = name
        self.lies: dict[str, bytes] = {}
        self.asked: list[str] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.asked.append(self.path)
                authorised = token is None or self.headers["Authorization"] == f"Bearer {token}"
                hub.answer(self, authorised=authorised)

            @override
            def log_message(self, format: str, *_arguments: object) -> None:
                """Tests read what was asked, not a log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, request: BaseHTTPRequestHandler, *, authorised: bool) -> None:
        resolved = f"/{self.name}/resolve/{COMMIT}/"
        if not authorised:
            self._send(request, 401, b"")
        elif request.path == f"/api/models/{self.name}/revision/main":
            self._send(request, 200, json.dumps({"id": self.name, "sha": COMMIT}).encode())
        elif request.path == f"/api/models/{self.name}/tree/{COMMIT}":
            self._send(request, 200, json.dumps(list(self._entries())).encode())
        elif request.path.startswith(resolved):
            name = request.path.removeprefix(resolved)
            content = self.lies.get(name, self.files.get(name))
            if content is None:
                self._send(request, 404, b"")
            elif len(self.files[name]) >= LARGE_BYTES:
                self._send(request, 302, b"", location=f"{self.url}/cdn/{name}")
            else:
                self._send(request, 200, content)
        elif request.path.startswith("/cdn/"):
            name = request.path.removeprefix("/cdn/")
            self._send(request, 200, self.lies.get(name, self.files[name]))
        else:
            self._send(request, 404, b"")

    def _entries(self) -> Iterator[dict[str, object]]:
        yield {"type": "directory", "oid": "0" * 40, "size": 0, "path": "onnx"}
        for name, content in self.files.items():
            entry: dict[str, object] = {"type": "file", "path": name, "size": len(content)}
            if len(content) >= LARGE_BYTES:
                large = {"oid": sha256(content).hexdigest(), "size": len(content)}
                entry |= {"oid": "1" * 40, "lfs": large | {"pointerSize": 134}}
            else:
                header = b"blob %d\0" % len(content)
                entry["oid"] = sha1(header + content, usedforsecurity=False).hexdigest()
            yield entry

    @staticmethod
    def _send(
        request: BaseHTTPRequestHandler, status: int, body: bytes, *, location: str | None = None
    ) -> None:
        request.send_response(status)
        if location is not None:
            request.send_header("Location", location)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def reached(self, token: str | None = None) -> Hub:
        """The hub as the program reaches it."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return Hub(self.url, FileFetcher(GuardedClient(), self.url, headers).fetch)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
