"""What we count on in the workflow engine beyond its public interface, at the version we pin."""

import inspect
from importlib.metadata import version

import pytest
import sqlalchemy as sa
from dbos import DBOS
from dbos._queue import queue_worker_thread
from dbos._schemas.system_database import SystemSchema
from dbos._utils import retriable_postgres_exception

from earshot.jobs.tables import open_engine_database, prepare_job_tables, workflow_status
from earshot.storage.database import open_database


def test_the_engine_is_of_the_version_that_this_was_checked_against() -> None:
    assert version("dbos").startswith("3.4.")


def test_the_engines_table_has_the_columns_that_we_read(engine: sa.Engine) -> None:
    prepare_job_tables(engine)
    with engine.begin() as conn:
        assert conn.execute(sa.select(workflow_status(engine))).all() == []
    ours = {column.name: column.type for column in workflow_status(engine).c}
    theirs = SystemSchema.workflow_status.c
    assert {name: type(theirs[name].type) for name in ours} == {
        name: type(kind) for name, kind in ours.items()
    }


def test_recovery_takes_executor_ids() -> None:
    assert list(inspect.signature(DBOS._recover_pending_workflows).parameters) == ["executor_ids"]


def test_a_queues_thread_takes_the_event_that_stops_it_and_waits_on_nothing_else() -> None:
    assert list(inspect.signature(queue_worker_thread).parameters) == [
        "stop_event",
        "dbos",
        "queue",
    ]
    source = inspect.getsource(queue_worker_thread)
    assert source.count("stop_event.wait(") == 1
    assert "sleep(" not in source


def test_making_the_tables_twice_changes_nothing(engine: sa.Engine) -> None:
    prepare_job_tables(engine)
    prepare_job_tables(engine)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_engines_clock_works_on_old_sqlite_too(engine: sa.Engine) -> None:
    opened = open_engine_database(engine)
    with opened.begin() as conn:
        milliseconds = conn.exec_driver_sql("SELECT unixepoch('subsec') * 1000").scalar_one()
    opened.dispose()
    assert milliseconds > 1_700_000_000_000


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://somebody@nowhere.invalid/earshot",
        "postgresql://somebody@/earshot?host=/nowhere",
        "postgresql://somebody@127.0.0.1:1/earshot",
    ],
)
def test_the_engine_waits_for_a_database_that_cannot_be_reached(url: str) -> None:
    opened = open_engine_database(open_database(url))
    with pytest.raises(sa.exc.OperationalError) as caught:
        opened.connect()
    assert retriable_postgres_exception(caught.value)
