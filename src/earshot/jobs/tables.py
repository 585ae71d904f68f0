"""The workflow engine's own tables, in the same database as ours."""

import sqlite3

import psycopg
import sqlalchemy as sa

from earshot.storage.database import LOCK_WAIT_S, map_database_errors, supply_unixepoch

SCHEMA = "dbos"  # on PostgreSQL; SQLite has none


def workflow_status(engine: sa.Engine) -> sa.TableClause:
    """The engine's table of workflows, with the columns that we read ourselves.

    A contract test compares them with the engine's at the version we pin.
    """
    return sa.table(
        "workflow_status",
        sa.column("workflow_uuid", sa.Text),
        sa.column("name", sa.Text),
        sa.column("status", sa.Text),
        sa.column("executor_id", sa.Text),
        sa.column("queue_name", sa.Text),
        sa.column("queue_partition_key", sa.Text),
        sa.column("parent_workflow_id", sa.Text),
        sa.column("completed_at", sa.BigInteger),
        schema=None if engine.dialect.name == "sqlite" else SCHEMA,
    )


def open_engine_database(engine: sa.Engine) -> sa.Engine:
    """A second way into the same database, set up as the workflow engine expects it."""
    if engine.dialect.name != "sqlite":
        if not sa.event.contains(engine, "handle_error", _mark_unreachable):
            sa.event.listen(engine, "handle_error", _mark_unreachable)
        return engine
    opened = sa.create_engine(
        engine.url,
        hide_parameters=True,
        connect_args={"timeout": LOCK_WAIT_S, "check_same_thread": False},
        pool_size=20,
        max_overflow=20,
    )
    sa.event.listen(opened, "connect", _prepare_sqlite)
    return opened


def prepare_job_tables(engine: sa.Engine) -> None:
    """Make or upgrade the workflow engine's tables; processes that start together take turns."""
    from dbos import DBOS  # here, for it takes longer than all of ours to import

    with map_database_errors():
        DBOS.migrate(engine.url.render_as_string(hide_password=False), schema=SCHEMA)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # Unlike for our own statements, the driver begins transactions here, at the first write: the
    # engine's SQL is written for that, down to a BEGIN of its own.
    connection.isolation_level = "IMMEDIATE"
    # Our own commits are FULL and flush these along; what a power cut may lose is only the news
    # that a step was done, and it is done again.
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")
    supply_unixepoch(connection)


def _mark_unreachable(context: sa.engine.ExceptionContext) -> None:
    # The workflow engine waits for a database that it knows to be away, and ends workflows over any
    # other error. It knows by the driver's words, and not all of those: a host name that is not
    # found for a moment, or a socket that is not there, it would not wait for.
    if context.connection is None and isinstance(
        context.original_exception, psycopg.OperationalError
    ):
        context.is_disconnect = True
