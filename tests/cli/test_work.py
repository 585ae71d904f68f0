from pathlib import Path

import pytest
import sqlalchemy as sa

from earshot.storage.database import normalise_url
from tests.cli.conftest import Install
from tests.processes import Installation

pytestmark = pytest.mark.slow

# Its signals come in a thread that is not the main one.
SIGNALLED_ELSEWHERE = """
import signal, threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
from earshot.cli import main
main()
"""


def test_a_worker_beside_a_server_without_one_does_the_work(
    earshot: Installation, speech: Path
) -> None:
    server = earshot.serve("--role", "api")
    assert server.health()["models"] == "loading"
    earshot.work()
    server.await_ready()
    assert earshot.api(server).transcribe(speech.read_bytes())["status"] == "completed"


def test_sigterm_ends_a_worker_and_its_children(earshot: Installation) -> None:
    worker = earshot.work()
    children = worker.children()
    assert worker.end() == 0
    assert "worker_stopped" in worker.log
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)


def test_sigterm_ends_a_worker_whichever_thread_it_comes_in(earshot: Installation) -> None:
    worker = earshot.work(program=("-c", SIGNALLED_ELSEWHERE))
    assert worker.end() == 0
    assert "worker_stopped" in worker.log


def test_sigterm_ends_a_worker_whose_database_is_gone(
    postgres_server: str, install: Install
) -> None:
    server = sa.create_engine(normalise_url(postgres_server), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE earshot_test_gone")
    url = normalise_url(postgres_server).set(database="earshot_test_gone")
    installation = install(EARSHOT_DATABASE_URL=url.render_as_string(hide_password=False))
    worker = installation.work()
    with server.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE earshot_test_gone WITH (FORCE)")
    server.dispose()
    worker.end()  # within the patience of these tests


def test_a_worker_without_its_database_ends_with_4(earshot: Installation) -> None:
    environment = earshot.environment | {
        "EARSHOT_DATABASE_URL": "postgresql://nobody:hidden@127.0.0.1:1/none"
    }
    done = earshot.run("work", env=environment)
    assert done.returncode == 4
    assert done.stderr.startswith("earshot: The database is not available")
    assert "hidden" not in done.stderr
