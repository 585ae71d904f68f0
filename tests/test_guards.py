"""The guards of `conftest.py` hold: one that never fires looks like one that is never needed."""

import logging
import secrets
import socket
from contextlib import suppress

import pytest

from tests.conftest import SecretWatcher

ELSEWHERE = "192.0.2.1"  # RFC 5737: documentation, nobody's


def test_a_connection_that_leaves_the_machine_is_refused(egress_attempts: list[str]) -> None:
    with socket.socket() as outward, pytest.raises(PermissionError, match=ELSEWHERE):
        outward.connect((ELSEWHERE, 80))
    assert len(egress_attempts) == 1
    egress_attempts.clear()


def test_an_attempt_is_noticed_even_where_its_failure_is_swallowed(
    egress_attempts: list[str],
) -> None:
    with suppress(OSError):
        socket.create_connection((ELSEWHERE, 80))
    assert len(egress_attempts) == 1
    egress_attempts.clear()


def test_a_datagram_that_leaves_the_machine_is_refused(egress_attempts: list[str]) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward,
        pytest.raises(PermissionError),
    ):
        outward.sendto(b"hello", (ELSEWHERE, 53))
    egress_attempts.clear()


def test_a_name_is_not_looked_up(egress_attempts: list[str]) -> None:
    with pytest.raises(PermissionError):
        socket.getaddrinfo("example.com", 80)
    egress_attempts.clear()


def test_this_machine_may_be_reached(egress_attempts: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()
    assert egress_attempts == []


def test_a_secret_in_a_message_or_a_field_of_an_event_is_noticed(
    secret_watcher: SecretWatcher,
) -> None:
    logger = logging.getLogger("earshot.test")
    secret_watcher.made.append("open sesame")
    logger.info("key_made %s", secrets.token_hex(16))
    logger.info("hook_told", extra={"signed_with": "whsec_" + "A" * 32})
    logger.debug("header_sent", extra={"value": "open sesame"})
    assert len(secret_watcher.leaks) == 3
    secret_watcher.leaks.clear()
    logger.info("all_well", extra={"job_id": "1"})
    assert secret_watcher.leaks == []
