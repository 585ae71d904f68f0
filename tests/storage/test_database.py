import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

import earshot.storage
from earshot.errors import DatabaseUnavailable, DatabaseUnusable, SettingsInvalid, StorageFull
from earshot.storage.database import (
    empty_log,
    insert_if_absent,
    map_database_errors,
    normalise_url,
    open_database,
    reading,
    upgrade_schema,
)
from earshot.storage.held_transcripts import hold_project_count, projects_with_held
from earshot.storage.live_sessions import find_live_session
from earshot.storage.projects import list_projects, mark_project_deleted
from earshot.storage.schema import metadata, projects
from earshot.storage.transcripts import begin_transcript, find_transcript, list_under_way
from earshot.transcript.clock import utc_now


def test_the_migrations_make_the_tables_that_the_code_expects(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_upgrading_twice_changes_nothing(engine: sa.Engine) -> None:
    upgrade_schema(engine)
    with reading(engine) as connection:
        assert sa.inspect(connection).has_table("transcripts")


@pytest.mark.slow
def test_processes_that_start_together_upgrade_once(database_url: str) -> None:
    program = (
        "import sys; from earshot.storage.database import *;"
        "upgrade_schema(open_database(sys.argv[1]))"
    )
    started = [
        subprocess.Popen([sys.executable, "-W", "ignore", "-c", program, database_url])
        for _ in range(3)
    ]
    assert [process.wait(timeout=60) for process in started] == [0, 0, 0]


# What a release with the schema 0006 had stored: each table that later ones have changed.
MOMENT = "'2026-01-02 03:04:05+00:00'"
STORED_BY_0006 = (
    f"INSERT INTO projects (id, name, created_at) VALUES ('p', 'law', {MOMENT})",
    "INSERT INTO api_keys (id, project_id, name, key_hash, hint, created_at)"
    f" VALUES ('k', 'p', 'app', 'hash', 'hint', {MOMENT})",
    *(
        "INSERT INTO transcripts (id, project_id, status, audio_url, request, options, throttled,"
        " allows_private_hosts, created_at, completed_at)"
        f" VALUES ('{name}', 'p', '{status}', 'https://example.com/', '{{}}', '{{}}', false, false,"
        f" {MOMENT}, {completed_at})"
        for name, status, completed_at in (
            ("queued", "queued", "NULL"),
            ("done", "completed", MOMENT),
        )
    ),
    "INSERT INTO live_sessions (id, project_id, key_id, started_at, ended_at, audio_ms, close_code,"
    f" allows_private_hosts) VALUES ('s', 'p', 'k', {MOMENT}, {MOMENT}, 1000, 1000, false)",
)


def upgrade_to(engine: sa.Engine, revision: str) -> None:
    config = Config()
    folder = Path(earshot.storage.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_what_an_earlier_release_stored_is_there_after_the_upgrade(database_url: str) -> None:
    engine = open_database(database_url)
    upgrade_to(engine, "0006")
    with engine.begin() as connection:
        for statement in STORED_BY_0006:
            if connection.dialect.name == "sqlite":  # which keeps moments without their zone
                statement = statement.replace("+00:00", ".000000")
            connection.exec_driver_sql(statement)
    threads = [threading.Thread(target=upgrade_schema, args=(engine,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert [(row.name, row.limits) for row in list_projects(connection)] == [("law", None)]
        assert list_under_way(connection) == ["queued"]
        assert hold_project_count(connection, "p") == 1
        assert projects_with_held(connection) == []
        assert not begin_transcript(connection, "queued", utc_now()).held
        done, session = find_transcript(connection, "done"), find_live_session(connection, "s")
        assert mark_project_deleted(connection, "p", utc_now())
    assert done is not None
    assert (done.key_id, done.held, done.deleted_at) == (None, False, None)
    assert session is not None
    assert (session.engine, session.audio_ms) == (None, 1000)
    engine.dispose()


def test_a_reader_does_not_wait_for_a_writer(engine: sa.Engine) -> None:
    row = {"id": "p", "name": "n", "created_at": utc_now()}
    with engine.begin() as writer:
        writer.execute(projects.insert().values(row))
        with reading(engine) as reader:
            assert reader.execute(sa.select(projects)).all() == []


def test_a_writer_that_reads_first_waits_instead_of_failing(engine: sa.Engine) -> None:
    def add_one_more(n_rounds: int) -> None:
        for _ in range(n_rounds):
            with engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql("LOCK TABLE projects IN EXCLUSIVE MODE")
                count = connection.execute(
                    sa.select(sa.func.count()).select_from(projects)
                ).scalar_one()
                row = {"id": str(count), "name": str(count), "created_at": utc_now()}
                connection.execute(projects.insert().values(row))

    threads = [threading.Thread(target=add_one_more, args=(10,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as connection:
        names = connection.execute(sa.select(projects.c.name)).scalars().all()
    assert sorted(map(int, names)) == list(range(40))


def test_foreign_keys_are_enforced(engine: sa.Engine) -> None:
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO uploads (id, project_id, media_key, size_bytes, created_at)"
            " VALUES ('u', 'nobody', 'k', 1, '2026-01-01')"
        )


def test_insert_if_absent_keeps_the_row_that_was_first(engine: sa.Engine) -> None:
    now = utc_now()
    with engine.begin() as connection:
        insert_if_absent(connection, projects, {"id": "1", "name": "same", "created_at": now})
        insert_if_absent(connection, projects, {"id": "2", "name": "same", "created_at": now})
        ids = connection.execute(sa.select(projects.c.id)).scalars().all()
    assert ids == ["1"]


def test_a_locked_database_becomes_database_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "earshot.db"
    engine = open_database(f"sqlite:///{path}")
    sa.event.listen(engine, "connect", lambda c, _: c.execute("PRAGMA busy_timeout=1"))
    upgrade_schema(engine)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable), map_database_errors(), engine.begin():
        pass
    holder.close()
    engine.dispose()


def test_what_was_deleted_is_in_no_file_of_the_database_once_the_log_is_empty(
    tmp_path: Path,
) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'earshot.db'}")
    upgrade_schema(engine)
    row = {"id": "1", "name": "a telling name", "created_at": utc_now()}
    with engine.begin() as connection:
        connection.execute(projects.insert(), row)
    with engine.begin() as connection:
        connection.execute(projects.delete())
    assert empty_log(engine)
    contents = [path.read_bytes() for path in tmp_path.iterdir()]
    assert not any(b"a telling name" in content for content in contents)
    engine.dispose()


def test_a_log_that_somebody_reads_is_left_for_the_next_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'earshot.db'}")
    upgrade_schema(engine)
    with reading(engine) as reader:
        reader.execute(sa.select(projects.c.id)).all()
        with engine.begin() as connection:
            row = {"id": "1", "name": "n", "created_at": utc_now()}
            connection.execute(projects.insert(), row)
        assert not empty_log(engine, wait_s=0.01)
    assert "write_ahead_log_not_emptied" in caplog.messages
    assert empty_log(engine)
    engine.dispose()


def test_an_unreachable_server_becomes_database_unavailable() -> None:
    engine = open_database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseUnavailable), map_database_errors(), engine.begin():
        pass


def test_a_full_database_becomes_storage_full(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'earshot.db'}")
    upgrade_schema(engine)
    rows = [
        {"id": str(number), "name": "n" * 999 + str(number), "created_at": utc_now()}
        for number in range(200)
    ]
    sa.event.listen(engine, "begin", lambda c: c.exec_driver_sql("PRAGMA max_page_count=1"))
    with pytest.raises(StorageFull), map_database_errors(), engine.begin() as connection:
        connection.execute(projects.insert(), rows)
    engine.dispose()


@pytest.mark.parametrize("offset", [0, 100])
def test_a_damaged_database_becomes_database_unusable(tmp_path: Path, offset: int) -> None:
    path = tmp_path / "earshot.db"
    engine = open_database(f"sqlite:///{path}")
    upgrade_schema(engine)
    engine.dispose()
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"x" * 4000)
    with pytest.raises(DatabaseUnusable) as caught:
        upgrade_schema(engine)
    assert "earshot" not in str(caught.value)
    engine.dispose()


def test_what_a_statement_gets_wrong_becomes_database_unusable() -> None:
    with pytest.raises(DatabaseUnusable), map_database_errors():
        raise sa.exc.ProgrammingError("statement", {}, Exception("permission denied"))


def test_a_checkpoint_that_fails_leaves_writers_their_patience(tmp_path: Path) -> None:
    def refuse_checkpoints(action: int, what: str | None, *_: object) -> int:
        is_checkpoint = action == sqlite3.SQLITE_PRAGMA and what == "wal_checkpoint"
        return sqlite3.SQLITE_DENY if is_checkpoint else sqlite3.SQLITE_OK

    engine = open_database(f"sqlite:///{tmp_path / 'earshot.db'}")
    sa.event.listen(engine, "connect", lambda c, _: c.set_authorizer(refuse_checkpoints))
    with pytest.raises(sqlite3.DatabaseError):
        empty_log(engine, wait_s=0.001)
    with reading(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 15_000
    engine.dispose()


def test_a_row_that_is_there_already_is_for_the_caller_to_handle() -> None:
    with pytest.raises(sa.exc.IntegrityError), map_database_errors():
        raise sa.exc.IntegrityError("statement", {}, Exception("duplicate"))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://h/d", "nonsense"])
def test_a_database_that_processes_cannot_share_is_refused(url: str) -> None:
    with pytest.raises(SettingsInvalid):
        normalise_url(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_uses_the_driver_we_ship(scheme: str) -> None:
    assert normalise_url(f"{scheme}://u@h/d").drivername == "postgresql+psycopg"
