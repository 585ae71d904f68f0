"""Earshot as its users run it: real processes over a data folder, watched, killed and ended."""

import os
import re
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import requests

from earshot.audio.waveform import SAMPLE_RATE, Samples, pcm16_from_samples
from earshot.errors import DatabaseUnavailable
from earshot.storage.database import map_database_errors, open_database
from tests.confidential import CONFIDENTIAL, assert_discreet

T = TypeVar("T")
# Nothing here takes this long; a machine that is busy with other things is no failure.
PATIENCE_S = 180.0
POLL_S = 0.05
_ENDED = ("completed", "error")
_FOREIGN = re.compile(r"(?i)(earshot|assemblyai|ssl_cert|requests_ca|curl_ca)_.*|.*_proxy")


def until(condition: Callable[[], T], what: str, patience_s: float = PATIENCE_S) -> T:
    """The first true value of the condition, asked for again and again."""
    deadline_s = time.monotonic() + patience_s
    while not (value := condition()):
        assert time.monotonic() < deadline_s, f"{what}: not within {patience_s} s"
        time.sleep(POLL_S)
    return value


def clean_environment(**settings: str) -> dict[str, str]:
    """This process's environment without what would configure Earshot or a client of it."""
    inherited = {
        name: value
        for name, value in os.environ.items()  # noqa: TID251 - handed on, not read
        if _FOREIGN.fullmatch(name) is None
    }
    return {**inherited, **settings}


def write_wav(path: Path, *channels: Samples) -> Path:
    """A 16-bit WAV at 16 kHz with these channels, of one length each."""
    interleaved = np.stack(channels, axis=1).reshape(-1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(pcm16_from_samples(interleaved))
    return path


def descendants(pid: int) -> list[int]:
    """The ids of all processes below that one; Linux only."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            # "pid (name) state ppid ...", and the name may hold anything
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for ancestor in found:
        found += [child for child, parent in parents.items() if parent == ancestor]
    return found[1:]


class Api:
    """The HTTP API with one key. Every call has a connection of its own."""

    def __init__(self, url: str, key: str, verify: str | bool = True) -> None:
        self.url = url
        self.key = key
        self._verify = verify

    def call(self, method: str, path: str, **request: Any) -> requests.Response:  # noqa: ANN401 - passed on
        headers = {"Authorization": self.key, **request.pop("headers", {})}
        request.setdefault("timeout", PATIENCE_S)
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                method, self.url + path, headers=headers, verify=self._verify, **request
            )

    def json(self, method: str, path: str, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - passed on
        """The body of an answer that must be 200."""
        answer = self.call(method, path, **request)
        assert answer.status_code == requests.codes.ok, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def upload(self, media: bytes) -> str:
        url: str = self.json("POST", "/v2/upload", data=media)["upload_url"]
        return url

    def submit(self, audio_url: str, **parameters: object) -> str:
        if "webhook_auth_header_value" in parameters:
            CONFIDENTIAL.keep(str(parameters["webhook_auth_header_value"]))
        body = {"audio_url": audio_url, **parameters}
        transcript_id: str = self.json("POST", "/v2/transcript", json=body)["id"]
        return transcript_id

    def get(self, transcript_id: str) -> dict[str, Any]:
        return self.json("GET", f"/v2/transcript/{transcript_id}")

    def status(self, transcript_id: str) -> str:
        status: str = self.get(transcript_id)["status"]
        return status

    def ended(self, transcript_id: str) -> dict[str, Any]:
        """The transcript, once it is completed or failed."""
        until(lambda: self.status(transcript_id) in _ENDED, f"{transcript_id} ends")
        ended = self.get(transcript_id)
        CONFIDENTIAL.hear(ended["text"] or "")
        return ended

    def transcribe(self, media: bytes, **parameters: object) -> dict[str, Any]:
        return self.ended(self.submit(self.upload(media), **parameters))


class Process:
    """One `earshot` command that runs until it is ended; its output goes to files.

    `program` is run in the place of ours.
    """

    def __init__(
        self,
        arguments: list[str],
        environment: Mapping[str, str],
        folder: Path,
        program: Sequence[str] = ("-m", "earshot"),
    ) -> None:
        folder.mkdir()
        self._out = folder / "stdout"
        self._log = folder / "stderr"
        with self._out.open("wb") as out, self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, *program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                env=dict(environment),
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def output(self) -> str:
        return self._out.read_text()

    @property
    def log(self) -> str:
        return self._log.read_text()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def children(self) -> list[int]:
        """The process ids of all that it started, and that these did."""
        return descendants(self.pid)

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def until(self, condition: Callable[[], T], what: str) -> T:
        """Like the function; the wait is over, too, when the process has ended."""

        def met() -> T:
            assert self.is_running, f"{what}: the process ended\n{self.log}"
            return condition()

        return until(met, what)

    def end(self, number: int = signal.SIGTERM) -> int:
        """The exit code, after asking it to end; it is killed where it does not."""
        if self.is_running:
            self._process.send_signal(number)
            self._process.send_signal(signal.SIGCONT)  # where it was held, it would not hear
        try:
            return self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired as error:
            self.kill()
            raise AssertionError(f"the process does not end\n{self.log}") from error

    def kill(self) -> float:
        """The moment, by the monotonic clock, at which it was gone."""
        self._process.kill()
        self._process.wait()
        return time.monotonic()


def hold_between_writes(process: Process, database_url: str) -> None:
    """Stop it where it keeps nobody from writing: a process that is held keeps its locks."""
    engine = open_database(database_url)

    def is_held() -> bool:
        process.send(signal.SIGSTOP)
        try:
            with map_database_errors(), engine.begin():
                return True
        except DatabaseUnavailable:
            process.send(signal.SIGCONT)
            return False

    until(is_held, "it holds no lock")
    engine.dispose()


class Server(Process):
    """A `serve` that answers."""

    @property
    def urls(self) -> list[str]:
        return re.findall(r"^Earshot listens on (\S+)", self.output, re.MULTILINE)

    @property
    def url(self) -> str:
        return self.urls[0]

    def health(self, verify: str | bool = True) -> dict[str, str]:
        return Api(self.url, "", verify).json("GET", "/health")

    def await_answers(self) -> None:
        self.until(lambda: self.urls, "the server listens")

    def await_ready(self, verify: str | bool = True) -> None:
        self.until(lambda: self.health(verify)["models"] == "ready", "the models are ready")


class Installation:
    """A data folder with its settings, and every process that a test starts over it."""

    def __init__(self, folder: Path, models: Path, **settings: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.data = folder / "data"
        self.environment = clean_environment(
            EARSHOT_DATA=str(self.data), EARSHOT_MODELS=str(models), **settings
        )
        self.processes: list[Process] = []

    def serve(self, *options: str) -> Server:
        """A server on a free port; it answers, and may not be ready."""
        arguments = ["serve", "--port", "0", *options]
        server = Server(arguments, self.environment, self._next_folder())
        self.processes.append(server)
        server.await_answers()
        return server

    def work(self, program: Sequence[str] = ("-m", "earshot")) -> Process:
        """A worker that has loaded its models; `program` is run in the place of ours."""
        worker = Process(["work"], self.environment, self._next_folder(), program)
        self.processes.append(worker)
        worker.until(lambda: "worker_started" in worker.log, "the worker starts")
        return worker

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401 - passed on
        """A command that ends by itself. What it prints is the user's; what it logs, anybody's."""
        options = {"env": self.environment, "stdout": subprocess.PIPE, **options}
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [sys.executable, "-m", "earshot", *arguments],
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE_S,
            **options,
        )
        assert_discreet(done.stderr)
        return done

    @property
    def key(self) -> str:
        """The key that the first start made."""
        return CONFIDENTIAL.keep((self.data / "first-key").read_text().strip())

    def new_key(self, name: str, project: str = "default") -> str:
        made = self.run("keys", "create", name, "--project", project)
        assert made.returncode == 0, made.stderr
        return CONFIDENTIAL.keep(made.stdout.strip())

    def api(self, server: Server, key: str | None = None, verify: str | bool = True) -> Api:
        return Api(server.url, self.key if key is None else key, verify)

    def close(self) -> None:
        """End what still runs, and see that nothing that is not theirs came into the logs."""
        with ExitStack() as stack:
            for process in self.processes:
                stack.callback(process.end)
        for process in self.processes:
            assert_discreet(process.log)

    def _next_folder(self) -> Path:
        return self.folder / f"process-{len(self.processes)}"
