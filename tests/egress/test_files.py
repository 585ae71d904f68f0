import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from earshot.egress.client import GuardedClient
from earshot.egress.files import FileFetcher
from earshot.errors import AddressRefused, DownloadFailed

if TYPE_CHECKING:
    from tests.egress.conftest import Script, ScriptedServer

    Serve = Callable[..., ScriptedServer]


def reply(head: str, body: bytes = b"") -> "Script":
    def script(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 {head}\r\n\r\n".encode() + body)

    return script


def fetch(url: str, server_url: str) -> bytes:
    fetcher = FileFetcher(GuardedClient(), server_url, {})
    return b"".join(fetcher.fetch(url))


def test_the_server_that_was_named_may_be_private(serve: "Serve") -> None:
    server = serve(reply("200 OK\r\nContent-Length: 3", b"abc"))
    assert fetch(server.url("/file"), server.url()) == b"abc"


def test_another_private_server_may_not_be_reached(serve: "Serve") -> None:
    server = serve(reply("200 OK\r\nContent-Length: 3", b"abc"))
    with pytest.raises(AddressRefused):
        fetch(server.url("/file"), "http://hub.example")


def test_any_other_answer_is_a_failure_that_names_its_status(serve: "Serve") -> None:
    server = serve(reply("403 Forbidden\r\nContent-Length: 0"))
    with pytest.raises(DownloadFailed, match="403 Forbidden for url"):
        fetch(server.url("/file"), server.url())
