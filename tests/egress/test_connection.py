import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpcore
import pytest

from earshot.egress.connection import Deadline, GuardedBackend, look_up_host
from earshot.egress.policy import AddressPolicy, parse_allow_list
from earshot.errors import AddressRefused

if TYPE_CHECKING:
    from tests.egress.conftest import ScriptedServer

LOOPBACK = AddressPolicy(parse_allow_list(["127.0.0.0/8"]))
PUBLIC_ONLY = AddressPolicy(parse_allow_list([]))


def answer_nothing(connection: socket.socket) -> None:
    connection.sendall(b"")


def test_a_name_that_rebinds_between_look_up_and_connect_changes_nothing(
    serve: "Callable[..., ScriptedServer]",
) -> None:
    server = serve(answer_nothing)
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    backend = GuardedBackend(LOOPBACK, lambda *_: answers.pop(0), Deadline(5))

    stream = backend.connect_tcp("rebinding.example", server.port, timeout=5)

    connected_to: tuple[str, int] = stream.get_extra_info("server_addr")
    stream.close()
    assert connected_to == ("127.0.0.1", server.port)
    assert answers == [["169.254.169.254"]]  # asked once, never again


def test_a_name_whose_address_is_refused_is_never_dialled(
    serve: "Callable[..., ScriptedServer]",
) -> None:
    server = serve(answer_nothing)
    backend = GuardedBackend(PUBLIC_ONLY, lambda *_: ["127.0.0.1"], Deadline(5))

    with pytest.raises(AddressRefused):
        backend.connect_tcp("innocent.example", server.port, timeout=5)

    assert server.requests == []


def test_a_literal_address_is_checked_without_asking_the_resolver() -> None:
    def never_asked(host: str, port: int) -> list[str]:
        raise AssertionError((host, port))

    backend = GuardedBackend(PUBLIC_ONLY, never_asked, Deadline(5))

    for literal in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0"):
        with pytest.raises(AddressRefused):
            backend.connect_tcp(literal, 80, timeout=5)


def test_the_next_address_of_a_name_is_tried_where_one_does_not_answer(
    serve: "Callable[..., ScriptedServer]",
) -> None:
    server = serve(answer_nothing)  # on 127.0.0.1 only
    backend = GuardedBackend(LOOPBACK, lambda *_: ["127.0.0.2", "127.0.0.1"], Deadline(5))

    stream = backend.connect_tcp("two.example", server.port, timeout=5)

    connected_to: tuple[str, int] = stream.get_extra_info("server_addr")
    stream.close()
    assert connected_to[0] == "127.0.0.1"


def test_a_name_without_an_address_cannot_be_connected_to() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(f"{host}:{port} not known")

    with pytest.raises(httpcore.ConnectError):
        GuardedBackend(LOOPBACK, unknown, Deadline(5)).connect_tcp("no.example", 80)
    with pytest.raises(httpcore.ConnectError):
        GuardedBackend(LOOPBACK, lambda *_: [], Deadline(5)).connect_tcp("no.example", 80)


def test_a_label_too_long_for_dns_cannot_be_connected_to() -> None:
    with pytest.raises(httpcore.ConnectError):
        GuardedBackend(LOOPBACK, look_up_host, Deadline(5)).connect_tcp("a" * 64 + ".example", 80)


def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    released = threading.Event()

    def hang(host: str, port: int) -> list[str]:
        released.wait(30)
        return [f"{host}:{port}"]

    try:
        with pytest.raises(httpcore.ConnectTimeout):
            GuardedBackend(LOOPBACK, hang, Deadline(0.05)).connect_tcp("slow.example", 80)
    finally:
        released.set()


def test_after_the_deadline_no_operation_begins() -> None:
    with pytest.raises(httpcore.ReadTimeout):
        Deadline(0).cap(None)


def test_a_deadline_only_ever_shortens_a_timeout() -> None:
    deadline = Deadline(100)

    assert deadline.cap(1) == 1
    assert 99 < deadline.cap(None) <= 100
    assert 99 < deadline.cap(1000) <= 100


def test_the_system_resolver_names_each_address_once() -> None:
    addresses = look_up_host("localhost", 80)

    assert "127.0.0.1" in addresses or "::1" in addresses
    assert len(set(addresses)) == len(addresses)
