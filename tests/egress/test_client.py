import socket
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest

from earshot.api.certificates import LocalCertificates, ensure_local_certificates
from earshot.egress.client import ExchangeLimits, GuardedClient, OutboundRequest
from earshot.egress.connection import LOOK_S
from earshot.egress.policy import AddressPolicy, parse_allow_list
from earshot.errors import AddressRefused, NoAnswer, NotReached, ResponseTooLarge

if TYPE_CHECKING:
    from tests.egress.conftest import Script, ScriptedServer

    Serve = Callable[..., ScriptedServer]

LOOPBACK = AddressPolicy(parse_allow_list(["127.0.0.1"]))
LIMITS = ExchangeLimits(total_s=5, connect_s=5, read_s=5)
FOLLOWING = ExchangeLimits(total_s=5, connect_s=5, read_s=5, max_redirects=3)


def reply(head: str, body: bytes = b"") -> "Script":
    def script(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 {head}\r\n\r\n".encode() + body)

    return script


def ok(body: bytes) -> "Script":
    return reply(f"200 OK\r\nContent-Length: {len(body)}", body)


def redirect_to(location: str, status: int = 302) -> "Script":
    return reply(f"{status} Elsewhere\r\nLocation: {location}\r\nContent-Length: 0")


def get(
    url: str,
    *,
    client: GuardedClient | None = None,
    limits: ExchangeLimits = LIMITS,
    headers: dict[str, str] | None = None,
    max_bytes: int = 1000,
) -> tuple[int, bytes]:
    request = OutboundRequest(url, headers=headers or {})
    with (client or GuardedClient()).open(request, policy=LOOPBACK, limits=limits) as response:
        return response.status, b"".join(response.chunks(max_bytes))


def test_an_allowed_address_is_reached_and_its_answer_read(serve: "Serve") -> None:
    server = serve(ok(b"hello"))

    assert get(server.url("/a?b=c")) == (200, b"hello")
    assert server.requests[0].startswith(b"GET /a?b=c HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}\r\n".encode() in server.requests[0]


def test_a_proxy_in_the_environment_is_not_used(
    serve: "Serve", monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = serve(ok(b"from the proxy")), serve(ok(b"direct"))
    for name in (
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ):
        monkeypatch.setenv(name, proxy.url())
    monkeypatch.setenv("no_proxy", "")

    assert get(server.url()) == (200, b"direct")
    assert proxy.requests == []


def test_a_redirect_to_a_metadata_address_is_refused(serve: "Serve") -> None:
    server = serve(redirect_to("http://169.254.169.254/latest/meta-data/"))

    with pytest.raises(AddressRefused, match=r"169\.254\.169\.254"):
        get(server.url(), limits=FOLLOWING)


def test_a_redirect_to_a_name_of_a_metadata_address_is_refused(serve: "Serve") -> None:
    server = serve(redirect_to("http://metadata.example/"))
    client = GuardedClient(resolve=lambda *_: ["169.254.169.254"])

    with pytest.raises(AddressRefused):
        get(server.url(), client=client, limits=FOLLOWING)


@pytest.mark.parametrize("location", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://u:p@h/"])
def test_a_redirect_out_of_the_rules_is_refused(serve: "Serve", location: str) -> None:
    with pytest.raises(AddressRefused):
        get(serve(redirect_to(location)).url(), limits=FOLLOWING)


def test_every_hop_looks_the_name_up_and_checks_it_anew(serve: "Serve") -> None:
    server = serve(redirect_to("/again"))
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    client = GuardedClient(resolve=lambda *_: answers.pop(0))

    with pytest.raises(AddressRefused, match=r"10\.0\.0\.1"):
        get(server.url(host="rebinding.example"), client=client, limits=FOLLOWING)

    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_to_its_end(serve: "Serve", status: int) -> None:
    end = serve(ok(b"there"))
    start = serve(redirect_to(end.url("/end"), status))

    assert get(start.url(), limits=FOLLOWING) == (200, b"there")


def test_a_circle_of_redirects_ends(serve: "Serve") -> None:
    server = serve(redirect_to("/again"))

    with pytest.raises(NoAnswer, match="more than 3 redirects"):
        get(server.url(), limits=FOLLOWING)

    assert len(server.requests) == 4


def test_a_redirect_is_an_answer_where_none_may_be_followed(serve: "Serve") -> None:
    assert get(serve(redirect_to("http://169.254.169.254/")).url()) == (302, b"")


def test_a_redirect_that_leads_nowhere_is_an_answer(serve: "Serve") -> None:
    server = serve(reply("302 Found\r\nContent-Length: 0"))

    assert get(server.url(), limits=FOLLOWING)[0] == 302


def test_headers_stay_with_the_origin_that_they_were_meant_for(serve: "Serve") -> None:
    end = serve(ok(b""))
    start = serve(redirect_to(end.url()))

    get(start.url(), limits=FOLLOWING, headers={"Authorization": "secret"})

    assert b"Authorization: secret" in start.requests[0]
    assert b"secret" not in end.requests[0]


def test_a_body_that_announces_too_much_is_not_read(serve: "Serve") -> None:
    with pytest.raises(ResponseTooLarge):
        get(serve(reply("200 OK\r\nContent-Length: 1001")).url())


def test_a_body_that_grows_too_large_without_saying_so_is_cut_off(serve: "Serve") -> None:
    server = serve(reply("200 OK\r\nConnection: close", b"x" * 1001))

    with pytest.raises(ResponseTooLarge):
        get(server.url())


def test_a_body_of_exactly_the_limit_is_read(serve: "Serve") -> None:
    assert len(get(serve(ok(b"x" * 1000)).url())[1]) == 1000


def test_a_packed_body_is_not_asked_for_and_never_unpacked(serve: "Serve") -> None:
    packed = b"\x1f\x8b is what gzip starts with"
    server = serve(
        reply(f"200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}", packed)
    )

    assert get(server.url()) == (200, packed)
    assert b"Accept-Encoding: identity\r\n" in server.requests[0]


@pytest.mark.parametrize(
    "script",
    [
        reply("200 OK\r\nContent-Length: 10", b"short"),
        reply("200 OK\r\nTransfer-Encoding: chunked", b"5\r\nab"),
        reply("not http"),
        reply("200 OK\r\nX: " + "x" * 200_000),
        lambda connection: connection.close(),
    ],
    ids=["cut short", "chunk cut short", "no http", "endless header", "hung up"],
)
def test_an_answer_that_breaks_off_or_is_none_is_no_answer(
    serve: "Serve", script: "Script"
) -> None:
    with pytest.raises(NoAnswer) as caught:
        get(serve(script).url())
    assert not isinstance(caught.value, NotReached)


def test_a_port_where_nobody_listens_is_not_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]

    with pytest.raises(NotReached):
        get(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"])
def test_a_server_that_trickles_is_left_when_the_time_for_the_whole_is_over(
    serve: "Serve", head: bytes
) -> None:
    def trickle(connection: socket.socket) -> None:
        connection.sendall(head)
        while not server.stopping.wait(0.02):
            connection.sendall(b"x")

    server = serve(trickle)

    with pytest.raises(NoAnswer, match="Timeout"):
        get(server.url(), limits=ExchangeLimits(total_s=0.3, connect_s=5, read_s=5))


def test_a_server_that_falls_silent_is_left_after_the_read_timeout(serve: "Serve") -> None:
    def say_nothing(connection: socket.socket) -> None:
        connection.recv(1)  # returns when the client hangs up

    with pytest.raises(NoAnswer, match="ReadTimeout"):
        get(serve(say_nothing).url(), limits=ExchangeLimits(total_s=5, connect_s=5, read_s=0.1))


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"])
def test_a_silent_server_is_left_once_its_answer_is_not_wanted_any_more(
    serve: "Serve", head: bytes
) -> None:
    is_left = Event()

    def fall_silent(connection: socket.socket) -> None:
        connection.sendall(head)
        is_left.set()
        connection.recv(1)  # returns when the client hangs up

    limits = ExchangeLimits(60, 60, 60, is_wanted=lambda: not is_left.is_set())
    began_s = time.monotonic()
    with pytest.raises(NoAnswer, match="ReadTimeout"):
        get(serve(fall_silent).url(), limits=limits)
    assert time.monotonic() - began_s < 20


def test_a_server_that_is_slow_to_answer_is_waited_for(serve: "Serve") -> None:
    def answer_late(connection: socket.socket) -> None:
        server.stopping.wait(LOOK_S + 0.2)
        ok(b"late")(connection)

    server = serve(answer_late)
    assert get(server.url()) == (200, b"late")


def test_a_body_is_sent_with_its_length_and_the_headers_it_came_with(serve: "Serve") -> None:
    server = serve(ok(b""))
    request = OutboundRequest(server.url(), method="POST", headers={"X-Name": "é"}, body=b"abc")

    with GuardedClient().open(request, policy=LOOPBACK, limits=LIMITS) as response:
        assert response.status == 200

    assert server.requests[0].endswith(b"\r\n\r\nabc")
    assert b"Content-Length: 3\r\n" in server.requests[0]
    assert b"X-Name: \xc3\xa9\r\n" in server.requests[0]


def test_a_header_that_cannot_be_sent_is_not_repeated_in_the_error(serve: "Serve") -> None:
    with pytest.raises(NoAnswer) as caught:
        get(serve(ok(b"")).url(), headers={"X-Key": "secret\r\nX-More: 1"})

    assert "secret" not in str(caught.value)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> LocalCertificates:
    folder = tmp_path_factory.mktemp("tls") / "certificates"
    return ensure_local_certificates(folder, ["media.example"], datetime.now(UTC))


@pytest.fixture
def tls_server(serve: "Serve", certificates: LocalCertificates) -> "ScriptedServer":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.cert_path, certificates.key_path)
    return serve(ok(b"sealed"), context)


@pytest.fixture
def ca_path(certificates: LocalCertificates) -> Path:
    return certificates.ca_path


def test_the_certificate_is_checked_against_the_name_and_not_the_address(
    tls_server: "ScriptedServer", ca_path: Path
) -> None:
    client = GuardedClient(extra_ca_file=ca_path, resolve=lambda *_: ["127.0.0.1"])

    url = tls_server.url(host="media.example", scheme="https")
    assert get(url, client=client) == (200, b"sealed")
    assert b"Host: media.example:" in tls_server.requests[0]
    with pytest.raises(NoAnswer, match=r"other\.example"):
        get(tls_server.url(host="other.example", scheme="https"), client=client)


def test_a_certificate_of_an_unknown_authority_is_refused(
    tls_server: "ScriptedServer", ca_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_path))  # the environment is not consulted

    with pytest.raises(NoAnswer, match="certificate"):
        get(tls_server.url(scheme="https"))
