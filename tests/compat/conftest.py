"""One server for all clients, and each version of the official SDK in its own environment."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.models.store import ModelStore
from tests.processes import Api, Installation, Server, clean_environment, write_wav
from tests.receiver import Receiver

CLIENTS = Path(sys.prefix) / "clients"
PROGRAM = Path(__file__).with_name("sdk_program.py")
# pydantic.v1, which the SDK falls back to, does not exist from here on.
NEEDS_SETTINGS = (3, 14)


def client_python(name: str) -> Path:
    """The interpreter of a client's environment, made by `./check` beside ours."""
    is_lax = name.startswith("assemblyai") and "settings" not in name
    if is_lax and sys.version_info >= NEEDS_SETTINGS:
        pytest.skip("without pydantic-settings the SDK needs Python 3.13 or older")
    python = CLIENTS / name / "bin" / "python"
    if not python.exists():
        remedy = (
            f"{CLIENTS / name} is missing: sh ./check makes it (after rm .venv-check/installed)"
        )
        if Path(sys.prefix).name == ".venv-check":
            pytest.fail(remedy)
        pytest.skip(remedy)
    return python


def framework_python(kind: str, name: str) -> Path:
    """The interpreter of a framework's environment; of 100 to 300 MB each, so CI alone has all."""
    python = CLIENTS / name / "bin" / "python"
    if not python.exists():
        if Path(sys.prefix).name == ".venv-check":
            pytest.fail(f"{CLIENTS / name} is missing: CI=true sh ./check makes it")
        requirements = f"tests/compat/clients/{kind}/{name}.txt"
        pytest.skip(f"uv venv {CLIENTS / name}, and there uv pip sync {requirements}")
    return python


def node_sdk(name: str) -> tuple[str, str]:
    """Node, and the SDK in a client's environment, which `./check` makes where there is npm."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node here")
    sdk = CLIENTS / name / "node_modules" / "assemblyai"
    if not sdk.exists():
        locked = Path(__file__).parent / "clients" / "node" / name
        pytest.skip(f"cp -r {locked} {CLIENTS} && cd {CLIENTS / name} && npm ci")
    return node, str(sdk)


def run_with_node(program: str, sdk_name: str, task: dict[str, Any]) -> dict[str, Any]:
    """What the program printed of the task, done with that SDK."""
    node, sdk = node_sdk(sdk_name)
    done = subprocess.run(
        [node, str(Path(__file__).with_name(program))],
        input=json.dumps({"sdk": sdk, **task}),
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


def hold_session(
    environment: str, program: str, task: dict[str, Any], ca_path: Path
) -> dict[str, Any]:
    """What the program saw of one live session, over TLS with the authority at that path."""
    done = subprocess.run(
        [client_python(environment), str(Path(__file__).with_name(program)), json.dumps(task)],
        capture_output=True,
        text=True,
        env=clean_environment(SSL_CERT_FILE=str(ca_path)),
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


@pytest.fixture(scope="session")
def installation(
    tmp_path_factory: pytest.TempPathFactory, models: ModelStore
) -> Iterator[Installation]:
    with closing(Installation(tmp_path_factory.mktemp("compat"), models.folder)) as installation:
        yield installation


@pytest.fixture(scope="session")
def server(installation: Installation) -> Server:
    """A server process like a user's, with its models loaded; http, and https on another port."""
    server = installation.serve("--tls-port", "0")
    server.await_ready()
    return server


@pytest.fixture(scope="session")
def api(installation: Installation, server: Server) -> Api:
    return installation.api(server)


@pytest.fixture(scope="session")
def ca_path(server: Server) -> Path:
    """The local authority's certificate, where the server's output says that it is."""
    found = re.search(r"SSL_CERT_FILE=(\S+)", server.output)
    assert found is not None, server.output
    return Path(found[1])


@pytest.fixture(scope="session")
def recordings(
    tmp_path_factory: pytest.TempPathFactory, two_cities: Samples, another_reader: Samples
) -> Path:
    """`speech.wav`: 9 s of read English, `short.wav`: 2 s of it, `stereo.wav`: both halves on two
    channels, `meeting.wav`: the same and another reader; `page.html`, `empty.wav`: no recordings.
    """
    folder = tmp_path_factory.mktemp("recordings")
    speech = two_cities[: 9 * SAMPLE_RATE]
    half = len(speech) // 2
    write_wav(folder / "speech.wav", speech)
    write_wav(folder / "short.wav", speech[: 2 * SAMPLE_RATE])
    write_wav(folder / "stereo.wav", speech[:half], speech[half:])
    write_wav(
        folder / "meeting.wav",
        np.concatenate([speech, np.zeros_like(another_reader[:8000]), another_reader]),
    )
    (folder / "empty.wav").touch()
    (folder / "page.html").write_text("<!DOCTYPE html><html><body>No audio here.</body></html>")
    return folder


@pytest.fixture(scope="session")
def speech(recordings: Path) -> Path:
    return recordings / "speech.wav"


class ClientProcess:
    """A program of a client's environment that answers each line of JSON with another."""

    def __init__(self, command: Sequence[str | Path], **environment: str) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=clean_environment(**environment),
        )

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the client's process ended with {self._process.wait()}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        self._process.communicate(timeout=60)


class Sdk(ClientProcess):
    """The SDK of one environment, in a process that does what it is told."""

    def __init__(self, python: Path, url: str, key: str, **settings: str) -> None:
        super().__init__(
            [python, PROGRAM],
            ASSEMBLYAI_BASE_URL=url,
            ASSEMBLYAI_API_KEY=key,
            ASSEMBLYAI_POLLING_INTERVAL="0.1",
            **settings,
        )

    def answer(self, action: str, **arguments: object) -> dict[str, Any]:
        """`{"value": ...}`, or `{"raised": ..., "message": ...}`."""
        return self.ask({"action": action, **arguments})

    def do(self, action: str, **arguments: object) -> Any:  # noqa: ANN401 - JSON
        """What the SDK returned."""
        answer = self.answer(action, **arguments)
        assert "value" in answer, answer
        return answer["value"]


# Without pydantic-settings the SDK's models are laxer: what the others accept, these do.
OLDER_ENVIRONMENTS = [
    pytest.param("assemblyai-0.43.1-settings", marks=pytest.mark.slow),
    pytest.param("assemblyai-0.43.1", marks=pytest.mark.slow),
]
NEWER_ENVIRONMENTS = [
    "assemblyai-1.8.2-settings",
    pytest.param("assemblyai-1.8.2", marks=pytest.mark.slow),
]


@pytest.fixture(scope="session", params=[*OLDER_ENVIRONMENTS, *NEWER_ENVIRONMENTS])
def environment(request: pytest.FixtureRequest) -> str:
    """The name of a client's environment."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def sdk(environment: str, server: Server, api: Api) -> Iterator[Sdk]:
    with closing(Sdk(client_python(environment), server.url, api.key)) as sdk:
        yield sdk


@pytest.fixture
def connect_sdk(environment: str) -> Iterator[Callable[..., Sdk]]:
    """Makes further processes of the same SDK, with other settings."""
    made: list[Sdk] = []

    def connect(url: str, key: str, **settings: str) -> Sdk:
        made.append(Sdk(client_python(environment), url, key, **settings))
        return made[-1]

    yield connect
    for sdk in made:
        sdk.close()


@pytest.fixture(scope="session")
def receiver(recordings: Path) -> Iterator[Receiver]:
    with closing(Receiver(recordings)) as receiver:
        yield receiver
