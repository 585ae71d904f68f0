"""The connection to the one database, SQLite or PostgreSQL, and its schema's upgrade."""

import logging
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.dialects import postgresql, sqlite

from earshot.errors import DatabaseUnavailable, DatabaseUnusable, SettingsInvalid, StorageFull

logger = logging.getLogger(__name__)

# How long a writer waits for another before it gives up with DatabaseUnavailable.
LOCK_WAIT_S = 15.0
# The log is emptied between other processes' statements; one of those takes milliseconds.
EMPTY_LOG_WAIT_S = 2.0
# Any constant will do; it keeps two processes that start together from upgrading twice.
_UPGRADE_LOCK = 0x_EA25_0001
_READING = "earshot_reading"


def open_database(url: str) -> sa.Engine:
    """An engine for `sqlite:///path` or `postgresql://...`; nothing is connected to yet.

    `engine.begin()` opens a writing transaction, `reading(engine)` one that writes nothing.
    """
    parsed = normalise_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    return sa.create_engine(
        parsed,
        hide_parameters=True,  # rows hold what people said; errors go to logs
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=20,
        pool_timeout=LOCK_WAIT_S,
        connect_args={"connect_timeout": 5},
    )


def normalise_url(url: str) -> sa.URL:
    """The URL with the driver that we ship; other databases are refused."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise SettingsInvalid("EARSHOT_DATABASE_URL is not a database URL") from error
    backend = parsed.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise SettingsInvalid("EARSHOT_DATABASE_URL must name a file: processes share it")
        return parsed.set(drivername="sqlite")
    raise SettingsInvalid(
        f"EARSHOT_DATABASE_URL starts with {backend!r}; sqlite and postgresql are supported"
    )


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that sees one state of the database and writes nothing; it never waits."""
    with engine.connect().execution_options(**{_READING: True}) as connection, connection.begin():
        yield connection


def empty_log(engine: sa.Engine, wait_s: float = EMPTY_LOG_WAIT_S) -> bool:
    """Leave no copy of what was deleted in SQLite's write-ahead log, which `secure_delete` spares.

    False where another process was reading for longer than we wait: the log says so, and the next
    call does it, an hour later at the latest.
    """
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()  # outside of any transaction, as a checkpoint must be
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={int(wait_s * 1000)}")
        try:
            is_busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            cursor.execute(f"PRAGMA busy_timeout={int(LOCK_WAIT_S * 1000)}")
    finally:
        connection.close()
    if is_busy:
        logger.warning("write_ahead_log_not_emptied")
    return not is_busy


def upgrade_schema(engine: sa.Engine) -> None:
    """Bring the tables to this version's; processes that start together take turns."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with map_database_errors(), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def map_database_errors() -> Iterator[None]:
    """Turn "locked", "unreachable", "disk full", "damaged", ... into our own errors.

    Only IntegrityError passes: it tells of the rows, and whoever inserts one knows what it means.
    """
    try:
        yield
    except sa.exc.IntegrityError:
        raise
    except sa.exc.DBAPIError as error:
        if _is_disk_full(error):
            raise StorageFull from error
        is_passing = isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError)
        if is_passing or error.connection_invalidated:
            raise DatabaseUnavailable from error
        raise DatabaseUnusable from error
    except sa.exc.TimeoutError as error:  # every connection of the pool is in use
        raise DatabaseUnavailable from error


def insert_if_absent(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> None:
    """Insert the row unless one with the same unique value is there already."""
    statement: sqlite.Insert | postgresql.Insert
    if connection.dialect.name == "sqlite":
        statement = sqlite.insert(table).values(row).on_conflict_do_nothing()
    else:
        statement = postgresql.insert(table).values(row).on_conflict_do_nothing()
    connection.execute(statement)


def _open_sqlite(url: sa.URL) -> sa.Engine:
    assert url.database is not None
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": LOCK_WAIT_S, "check_same_thread": False},
        pool_size=10,
        max_overflow=20,
        pool_timeout=LOCK_WAIT_S,
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not begin transactions by itself: it would do so late, at the first write,
    # when what was read before may no longer hold.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")  # readers and one writer at a time
    connection.execute("PRAGMA synchronous=FULL")  # a commit that was answered survives power loss
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten, not just freed
    supply_unixepoch(connection)


def supply_unixepoch(connection: sqlite3.Connection) -> None:
    """Give SQLite before 3.42 the `unixepoch('subsec')` that the job tables' SQL counts on.

    There, it is NULL: such rows could not be inserted at all.
    """
    if sqlite3.sqlite_version_info < (3, 42):
        connection.create_function("unixepoch", -1, _unixepoch)


def _unixepoch(*arguments: object) -> float:
    assert arguments == ("subsec",), "the job tables' SQL uses no other form"
    return datetime.now(UTC).timestamp()


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that begins by reading and writes later fails at once, without waiting, when
    # another wrote in between (SQLITE_BUSY_SNAPSHOT); one that takes the lock first waits its turn.
    is_reading = connection.get_execution_options().get(_READING, False)
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")


def _is_disk_full(error: sa.exc.DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):
        return error.orig.sqlite_errorcode == sqlite3.SQLITE_FULL
    return getattr(error.orig, "sqlstate", None) == "53100"  # PostgreSQL: disk_full
