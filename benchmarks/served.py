"""A real `earshot serve` on a free port and an empty data folder, and a client that counts time."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from benchmarks.processes import child_environment, command_of, descendants

POLL_INTERVAL_S = 0.02
START_LIMIT_S = 60.0
STOP_LIMIT_S = 30.0


class ServerFailed(Exception):
    """The server did not do what it was asked; its log says why."""


@dataclass(frozen=True, slots=True)
class Start:
    """When the server first did what, in seconds from its launch."""

    answered_s: float
    ready_s: float


class RunningServer:
    """The server and its worker; the key is the one that the first start writes."""

    def __init__(self, data: Path) -> None:
        data.mkdir()
        self._data = data
        self._log = (data / "bench-serve.log").open("wb")
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = ["earshot", "serve", "--port", str(port), "--data", str(data)]
        self.launched_s = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env=child_environment(),
        )
        self._http = httpx.Client(base_url=self.url, timeout=120.0, trust_env=False)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def key(self) -> str:
        """That of the first project."""
        return (self._data / "first-key").read_text(encoding="utf-8").strip()

    @property
    def worker_pid(self) -> int:
        """The supervised worker's process."""
        workers = [pid for pid in descendants(self.pid) if "work" in command_of(pid)]
        if not workers:
            raise ServerFailed("the server has no worker")
        return workers[0]

    def wait_until_ready(self) -> Start:
        """When /health was first answered, and when it first said that the models are loaded."""
        answered_s: float | None = None
        while time.monotonic() - self.launched_s < START_LIMIT_S:
            health = self._health()
            since_launch_s = time.monotonic() - self.launched_s
            if health and answered_s is None:
                answered_s = since_launch_s
                self._http.headers["Authorization"] = self.key
            if health.get("models") == "ready" and answered_s is not None:
                return Start(answered_s, since_launch_s)
            time.sleep(POLL_INTERVAL_S)
        raise ServerFailed(f"not ready within {START_LIMIT_S:.0f} s")

    def upload(self, content: bytes | Iterable[bytes]) -> str:
        """The URL of the stored upload."""
        return str(self._post("/v2/upload", content=content)["upload_url"])

    def submit(self, audio_url: str) -> str:
        """The id of a transcript that is queued."""
        return str(self._post("/v2/transcript", json={"audio_url": audio_url})["id"])

    def wait_for(self, transcript_id: str, poll_s: float = POLL_INTERVAL_S) -> None:
        """Return once the transcript is completed; asks for it that often."""
        while True:
            body = self._http.get(f"/v2/transcript/{transcript_id}").raise_for_status().json()
            if body["status"] == "completed":
                return
            if body["status"] == "error":
                raise ServerFailed(f"the transcript ended with: {body['error']}")
            time.sleep(poll_s)

    def transcribe(
        self, audio_url: str, poll_s: float = POLL_INTERVAL_S, unasked_s: float = 0.0
    ) -> float:
        """Seconds from submission to completion, of which the first `unasked_s` without polls."""
        started_s = time.monotonic()
        transcript_id = self.submit(audio_url)
        time.sleep(unasked_s)
        self.wait_for(transcript_id, poll_s)
        return time.monotonic() - started_s

    def transcribe_at_once(self, content: bytes) -> float:
        """Seconds from the request to its answer, which is the transcript."""
        started_s = time.monotonic()
        self._post("/v1/transcribe", files={"audio": ("clip.wav", content, "audio/wav")})
        return time.monotonic() - started_s

    def _health(self) -> Mapping[str, str]:
        """What /health says; empty while nobody answers."""
        if self._process.poll() is not None:
            raise ServerFailed(f"the server ended with exit code {self._process.returncode}")
        try:
            body: dict[str, str] = self._http.get("/health").raise_for_status().json()
        except httpx.ConnectError:
            return {}
        return body

    def _post(self, path: str, **body: Any) -> dict[str, Any]:  # noqa: ANN401 -- httpx's own
        answer: dict[str, Any] = self._http.post(path, **body).raise_for_status().json()
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.close()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        if error is not None:
            log = (self._data / "bench-serve.log").read_text(errors="replace")
            print(f"The server's log ends with:\n{log[-2_000:]}", file=sys.stderr)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
