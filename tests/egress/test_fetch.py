import logging
import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from earshot.egress.client import GuardedClient
from earshot.egress.fetch import AudioFetcher
from earshot.egress.options import EgressOptions
from earshot.errors import DownloadFailed

if TYPE_CHECKING:
    from tests.egress.conftest import Script, ScriptedServer

    Serve = Callable[..., ScriptedServer]

LOOPBACK = EgressOptions(fetch_allow=("127.0.0.1",), connect_timeout_s=5, read_timeout_s=5)


def reply(head: str, body: bytes = b"") -> "Script":
    def script(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 {head}\r\n\r\n".encode() + body)

    return script


def ok(body: bytes) -> "Script":
    return reply(f"200 OK\r\nContent-Length: {len(body)}", body)


def fetch(url: str, options: EgressOptions = LOOPBACK, *, allow_private: bool = False) -> bytes:
    fetcher = AudioFetcher(GuardedClient(), options)
    return b"".join(fetcher.fetch_audio(url, allow_private=allow_private))


def unreachable_text(url: str) -> str:
    return (
        f"Download error, unable to download {url}. Please make sure the file exists "
        "and is accessible from the internet."
    )


def test_the_bytes_of_an_allowed_url_come_in_order_and_complete(serve: "Serve") -> None:
    media = bytes(range(256)) * 4000

    assert fetch(serve(ok(media)).url("/a.wav")) == media


def test_an_empty_file_is_no_chunk_and_no_error(serve: "Serve") -> None:
    assert fetch(serve(ok(b"")).url()) == b""


def test_loopback_is_refused_without_the_allow_list_and_given_no_reason(serve: "Serve") -> None:
    server = serve(ok(b"private"))

    with pytest.raises(DownloadFailed) as caught:
        fetch(server.url(), EgressOptions())

    assert str(caught.value) == unreachable_text(server.url())
    assert server.requests == []


def test_a_request_that_may_reach_private_addresses_needs_no_allow_list(serve: "Serve") -> None:
    assert fetch(serve(ok(b"mine")).url(), EgressOptions(), allow_private=True) == b"mine"


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fd00:ec2::254]/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://user:pass@127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:70/",
        "http://[::1",
    ],
)
def test_what_nobody_may_fetch_looks_like_any_failed_download(url: str) -> None:
    with pytest.raises(DownloadFailed) as caught:
        fetch(url, EgressOptions(fetch_allow=("0.0.0.0/0", "::/0")), allow_private=True)

    assert str(caught.value) == unreachable_text(url)


def test_an_ipv4_mapped_loopback_address_is_refused_like_loopback(serve: "Serve") -> None:
    server = serve(ok(b"private"))

    with pytest.raises(DownloadFailed):
        fetch(server.url(host="[::ffff:127.0.0.1]"), EgressOptions())

    assert server.requests == []


def test_a_redirect_to_a_metadata_address_looks_like_any_failed_download(serve: "Serve") -> None:
    url = serve(reply("302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0")).url()

    with pytest.raises(DownloadFailed) as caught:
        fetch(url, allow_private=True)

    assert str(caught.value) == unreachable_text(url)


@pytest.mark.parametrize(
    ("head", "status_line"),
    [
        ("403 Forbidden", "403 Client Error: Forbidden"),
        ("404 Gone Fishing", "404 Client Error: Not Found"),
        ("499 <script>", "499 Client Error: Unknown"),
        ("503 Service Unavailable", "503 Server Error: Service Unavailable"),
    ],
)
def test_an_error_status_is_told_with_its_standard_phrase(
    serve: "Serve", head: str, status_line: str
) -> None:
    url = serve(reply(f"{head}\r\nContent-Length: 0")).url("/a.wav?token=1")

    with pytest.raises(DownloadFailed) as caught:
        fetch(url)

    assert str(caught.value) == f"Download error to {url}, {status_line} for url: {url}"


@pytest.mark.parametrize("head", ["204 No Content", "206 Partial Content", "304 Not Modified"])
def test_a_status_that_is_neither_ok_nor_an_error_is_a_failed_download(
    serve: "Serve", head: str
) -> None:
    url = serve(reply(f"{head}\r\nContent-Length: 0")).url()

    with pytest.raises(DownloadFailed) as caught:
        fetch(url)

    assert str(caught.value) == unreachable_text(url)


def test_a_body_over_the_limit_is_a_failed_download(serve: "Serve") -> None:
    def send_forever(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not server.stopping.is_set():
            connection.sendall(b"x" * 65536)

    server = serve(send_forever)

    with pytest.raises(DownloadFailed):
        fetch(server.url(), replace(LOOPBACK, fetch_max_bytes=1_000_000))


def test_a_body_that_takes_too_long_is_a_failed_download(serve: "Serve") -> None:
    def trickle(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not server.stopping.wait(0.02):
            connection.sendall(b"x")

    server = serve(trickle)

    with pytest.raises(DownloadFailed):
        fetch(server.url(), replace(LOOPBACK, fetch_total_timeout_s=0.3))


def test_a_body_that_breaks_off_is_a_failed_download(serve: "Serve") -> None:
    with pytest.raises(DownloadFailed):
        fetch(serve(reply("200 OK\r\nContent-Length: 10", b"short")).url())


def test_whoever_stops_reading_closes_the_connection(serve: "Serve") -> None:
    hung_up: list[bool] = []

    def send_until_hung_up(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nfirst")
        hung_up.append(connection.recv(1) == b"")

    server = serve(send_until_hung_up)
    fetcher = AudioFetcher(GuardedClient(), LOOPBACK)

    with closing(fetcher.fetch_audio(server.url(), allow_private=False)) as chunks:
        assert next(chunks) == b"first"
    server.stop()

    assert hung_up == [True]


def test_the_reason_is_logged_and_no_secret_of_the_url_is(
    serve: "Serve", caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    refused = serve(ok(b"private")).url("/hidden-path?token=hidden-token")

    for url in (refused, "http://name:hidden-password@media.example/"):
        with pytest.raises(DownloadFailed):
            fetch(url, EgressOptions())
    fetch(refused)

    failures = [record for record in caplog.records if record.message == "download_failed"]
    assert [(vars(failure)["host"], failure.levelname) for failure in failures] == [
        ("127.0.0.1", "WARNING"),
        ("media.example", "WARNING"),
    ]
    assert "private" in vars(failures[0])["reason"]
    assert "hidden" not in " ".join(str(vars(record)) for record in caplog.records)


def test_a_link_that_people_share_is_fetched_from_where_the_file_is() -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(f"{host}:{port}")
        return ["127.0.0.1"]

    link = "https://drive.google.com/file/d/1a2B3c/view?usp=sharing"
    fetcher = AudioFetcher(GuardedClient(resolve=resolve), EgressOptions())

    with pytest.raises(DownloadFailed) as caught:
        next(fetcher.fetch_audio(link, allow_private=False))

    assert asked == ["drive.usercontent.google.com:443"]
    assert str(caught.value) == unreachable_text(link)
