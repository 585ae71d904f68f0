"""The guards of `conftest.py` hold: one that never fires looks like one that is never needed."""

import logging
import secrets
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from earshot.audio.waveform import Waveform
from earshot.storage.schema import metadata, transcript_results
from earshot.testing import ScriptedRecognizer, tone
from tests.confidential import CONFIDENTIAL, Confidential, LogWatcher
from tests.egress_guard import EgressGuard

ROOT = Path(__file__).parents[1]
ELSEWHERE = "192.0.2.1"  # RFC 5737: documentation, nobody's
REACH_OUT = f"import socket; socket.create_connection(({ELSEWHERE!r}, 80), 5)"


def test_a_connection_that_leaves_the_machine_is_refused(egress_guard: EgressGuard) -> None:
    with socket.socket() as outward, pytest.raises(PermissionError, match=ELSEWHERE):
        outward.connect((ELSEWHERE, 80))
    assert len(egress_guard.take_attempts()) == 1


def test_an_attempt_is_noticed_even_where_its_failure_is_swallowed(
    egress_guard: EgressGuard,
) -> None:
    with suppress(OSError):
        socket.create_connection((ELSEWHERE, 80))
    assert len(egress_guard.take_attempts()) == 1


def test_a_datagram_that_leaves_the_machine_is_refused(egress_guard: EgressGuard) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward:
        with pytest.raises(PermissionError):
            outward.sendto(b"hello", (ELSEWHERE, 53))
        with pytest.raises(PermissionError):
            outward.sendmsg([b"hello"], [], 0, (ELSEWHERE, 53))
    assert len(egress_guard.take_attempts()) == 2


def test_a_name_is_not_looked_up(egress_guard: EgressGuard) -> None:
    with pytest.raises(PermissionError):
        socket.getaddrinfo("example.com", 80)
    assert len(egress_guard.take_attempts()) == 1


def test_this_machine_may_be_reached(egress_guard: EgressGuard) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()
    assert egress_guard.take_attempts() == []


def test_what_a_child_tries_is_refused_and_noticed(egress_guard: EgressGuard) -> None:
    done = subprocess.run([sys.executable, "-c", REACH_OUT], capture_output=True, text=True)
    assert "a test tried to leave this machine" in done.stderr
    (attempt,) = egress_guard.take_attempts()
    assert ELSEWHERE in attempt


def test_what_a_child_of_a_child_tries_is_refused_and_noticed(egress_guard: EgressGuard) -> None:
    # As decoders are started: with nothing but the parent's list of where modules are.
    start = (
        "import os, subprocess, sys; path = os.pathsep.join(filter(None, sys.path));"
        f"command = [sys.executable, '-P', '-s', '-c', {REACH_OUT!r}];"
        "sys.exit(subprocess.run(command, env={'PYTHONPATH': path}).returncode)"
    )
    done = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True)
    assert "a test tried to leave this machine" in done.stderr
    assert len(egress_guard.take_attempts()) == 1


def test_a_child_without_the_guard_is_not_started(egress_guard: EgressGuard) -> None:
    with pytest.raises(PermissionError, match="without the guard"):
        subprocess.run([sys.executable, "-c", ""], env={})
    assert len(egress_guard.take_attempts()) == 1


def test_nothing_is_refused_while_the_guard_is_lifted(egress_guard: EgressGuard) -> None:
    asks = "import sys; sys.audit('socket.connect', None, ('192.0.2.1', 80))"
    with egress_guard.lifted():
        subprocess.run([sys.executable, "-c", asks], check=True)
    assert subprocess.run([sys.executable, "-c", asks], capture_output=True).returncode == 1
    assert len(egress_guard.take_attempts()) == 1


FAILING_TESTS = f"""
import logging, subprocess, sys

def test_outward():
    subprocess.run([sys.executable, "-c", {REACH_OUT!r}])

def test_talkative():
    logging.getLogger("others").warning("the age of wisdom")
"""


@pytest.mark.slow
@pytest.mark.parametrize("n_processes", ["0", "2"])
def test_a_test_that_a_guard_catches_fails(
    egress_guard: EgressGuard, tmp_path: Path, n_processes: str
) -> None:
    (tmp_path / "test_failing.py").write_text(FAILING_TESTS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-n", n_processes]
    options = [f"--rootdir={tmp_path}", "-p", "no:cacheprovider", "--import-mode=importlib"]
    done = subprocess.run(
        [*command, *options, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "ERROR at teardown of test_outward" in done.stdout
    assert f"left this machine: socket.connect ('{ELSEWHERE}', 80)" in done.stdout
    assert "others: the age of wisdom holds ['wisdom']" in done.stdout
    assert egress_guard.take_attempts() == []  # that session has a guard of its own


def test_a_secret_in_a_message_or_a_field_of_an_event_is_noticed(log_watcher: LogWatcher) -> None:
    logger = logging.getLogger("earshot.test")
    logger.info("key_made %s", secrets.token_hex(16))
    logger.info("link_made", extra={"query": f"token={secrets.token_urlsafe(32)}"})
    logger.info("hook_told", extra={"signed_with": "whsec_" + "A" * 32})
    logger.debug("header_sent", extra={"value": CONFIDENTIAL.keep("open sesame")})
    assert len(log_watcher.take_leaks()) == 4
    logger.info("all_well", extra={"job_id": "1"})
    assert log_watcher.take_leaks() == []


def test_a_secret_in_an_exception_that_is_logged_is_noticed(log_watcher: LogWatcher) -> None:
    secret = secrets.token_hex(16)
    try:
        int(secret, base=2)
    except ValueError:  # "invalid literal ...", and the literal
        logging.getLogger("earshot.test").exception("request_failed")
    assert len(log_watcher.take_leaks()) == 1


@pytest.mark.parametrize("library", ["uvicorn.error", "sqlalchemy.pool", "httpx", "alembic"])
def test_other_libraries_events_are_searched_too(log_watcher: LogWatcher, library: str) -> None:
    logging.getLogger(library).warning("sent the age of wisdom")
    assert len(log_watcher.take_leaks()) == 1


def test_what_a_scripted_recognizer_heard_is_noticed(log_watcher: LogWatcher) -> None:
    (heard,) = ScriptedRecognizer().recognize([Waveform(tone(500))])
    logger = logging.getLogger("earshot.test")
    logger.info("recognized", extra={"word": heard.words[0].text})
    logger.info("recognized", extra={"words": [word.text for word in heard.words]})
    logger.info("recognized", extra={"text": " ".join(word.text for word in heard.words)})
    logger.info("recognized %s", heard.words[0])
    assert len(log_watcher.take_leaks()) == 4


def test_what_is_stored_is_noticed_from_then_on(log_watcher: LogWatcher, tmp_path: Path) -> None:
    logger = logging.getLogger("earshot.test")
    said = "Zephyrs quietly rearranged marmalade."
    logger.info("recognized", extra={"text": said})
    assert log_watcher.take_leaks() == []
    store(said, f"sqlite:///{tmp_path / 'results.db'}")
    logger.info("recognized", extra={"text": said.lower()})
    logger.info("recognized", extra={"words": ["quietly,", "rearranged", "Marmalade"]})
    logger.info("term_used", extra={"term": "marmalade"})
    assert len(log_watcher.take_leaks()) == 3


def store(said: str, url: str) -> None:
    engine = sa.create_engine(url)
    metadata.create_all(engine)
    row = {
        "transcript_id": "t",
        "words": [[text, 0, 1, 0.5, None, None] for text in said.split()],
        "duration_ms": 1,
        "language_code": "en",
        "engine": "scripted",
        "warnings": [],
    }
    with engine.begin() as conn:
        conn.execute(transcript_results.insert().values(row))
    engine.dispose()


def test_common_words_are_no_leak() -> None:
    confidential = Confidential()
    confidential.hear("it was the best of times")
    log = '2026 info worker_started pid="7" state="ready": all is well, it was said'
    assert confidential.found_in(log) == []


def test_a_value_of_our_own_is_no_leak_and_a_word_alone_is_one() -> None:
    confidential = Confidential()
    confidential.hear("nothing was completed at the observatory")
    log = 'info job_ended_elsewhere met="nothing" status="completed" name="observatory"'
    assert confidential.found_in(log) == ["observatory"]
