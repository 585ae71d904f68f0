"""A web server of the user's own, on loopback: it takes webhooks and serves recordings."""

import threading
import time
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from typing_extensions import override

from tests.processes import until


@dataclass(frozen=True)
class Post:
    """One request that was received, and when by the monotonic clock."""

    path: str
    headers: dict[str, str]
    body: bytes
    at_s: float


class Receiver:
    """Keeps what is posted, and serves the files of a folder.

    Posts are answered with `status`, which may be changed at any time.
    """

    def __init__(self, folder: Path) -> None:
        self.status = 200
        self.posts: list[Post] = []
        receiver = self

        class Handler(SimpleHTTPRequestHandler):
            def __init__(self, *arguments: Any) -> None:  # noqa: ANN401 - passed on
                super().__init__(*arguments, directory=str(folder))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                at_s = time.monotonic()
                receiver.posts.append(Post(self.path, dict(self.headers), body, at_s))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            @override
            def log_message(self, format: str, *_arguments: object) -> None:
                """Tests read the posts, not a log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def posts_to(self, path: str) -> list[Post]:
        return [post for post in self.posts if post.path == path]

    def await_post(self, path: str, times: int = 1) -> Post:
        """The last of so many posts to that path."""
        return until(lambda: self.posts_to(path)[times - 1 :], f"webhook {times} to {path}")[0]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
