import asyncio
import logging
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import httpx
import pytest
import websockets.sync.client
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from earshot.api.certificates import LocalCertificates, ensure_local_certificates
from earshot.api.listening import ListenOptions
from earshot.api.server import AppServer
from earshot.errors import SettingsInvalid
from tests.processes import until

FREE = 0


class TrivialApp:
    """Answers every request with its scheme, and says so on every WebSocket."""

    def __init__(self) -> None:
        self.lifespan: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        message = await receive()
        if scope["type"] == "websocket":
            assert message["type"] == "websocket.connect"
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": scope["scheme"]})
            await send({"type": "websocket.close", "code": 1000})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["scheme"].encode()})

    async def _live(self, receive: Receive, send: Send) -> None:
        for phase in ("startup", "shutdown"):
            assert (await receive())["type"] == f"lifespan.{phase}"
            self.lifespan.append(phase)
            await send({"type": f"lifespan.{phase}.complete"})


class Running:
    """A server on a thread of its own."""

    def __init__(self, options: ListenOptions) -> None:
        self.app = TrivialApp()
        self.urls: list[str] = []
        started = threading.Event()

        def on_started(urls: list[str]) -> None:
            self.urls = urls
            started.set()

        self._server = AppServer(self.app, options)
        self._thread = threading.Thread(target=self._server.run, args=(on_started,))
        self._thread.start()
        assert started.wait(20)

    def stop(self) -> None:
        self._server.stop()
        self._thread.join(20)
        assert not self._thread.is_alive()


@pytest.fixture
def start() -> Iterator[Callable[[ListenOptions], Running]]:
    running: list[Running] = []

    def start_one(options: ListenOptions) -> Running:
        running.append(Running(options))
        return running[-1]

    yield start_one
    for server in running:
        server.stop()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> LocalCertificates:
    folder = tmp_path_factory.mktemp("tls") / "certificates"
    return ensure_local_certificates(folder, [], datetime.now(UTC))


@pytest.fixture
def trust(certificates: LocalCertificates) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificates.ca_path)


def test_a_plain_server_reports_the_port_that_it_got(
    start: Callable[[ListenOptions], Running],
) -> None:
    server = start(ListenOptions("127.0.0.1", FREE))

    [url] = server.urls
    assert url.startswith("http://127.0.0.1:")
    assert not url.endswith(":0")
    assert httpx.get(url).text == "http"


def test_an_answer_on_a_connection_that_is_kept_open_is_sent_whole_at_once(
    start: Callable[[ListenOptions], Running],
) -> None:
    # With Nagle's algorithm the body waits for an acknowledgement, which comes after 40 ms.
    [url] = start(ListenOptions(host="127.0.0.1", port=FREE)).urls
    taken_s = []
    with httpx.Client(base_url=url) as client:
        for _ in range(40):
            begun_s = time.monotonic()
            client.get("/").raise_for_status()
            taken_s.append(time.monotonic() - begun_s)

    assert median(taken_s[20:]) < 0.035  # the first are acknowledged at once


def test_a_certificate_turns_the_port_into_https_and_wss(
    start: Callable[[ListenOptions], Running],
    certificates: LocalCertificates,
    trust: ssl.SSLContext,
) -> None:
    options = ListenOptions(
        "localhost", FREE, certfile=certificates.cert_path, keyfile=certificates.key_path
    )

    [url] = start(options).urls

    assert url.startswith("https://localhost:")
    assert httpx.get(url, verify=trust).text == "https"
    with websockets.sync.client.connect(url.replace("https", "wss"), ssl=trust) as live:
        assert live.recv() == "wss"
    with pytest.raises(httpx.HTTPError):
        httpx.get(url.replace("https", "http"))


def test_a_client_that_does_not_know_the_authority_refuses_the_server(
    start: Callable[[ListenOptions], Running], certificates: LocalCertificates
) -> None:
    options = ListenOptions(
        "127.0.0.1", FREE, certfile=certificates.cert_path, keyfile=certificates.key_path
    )
    [url] = start(options).urls

    with pytest.raises(httpx.ConnectError, match="certificate"):
        httpx.get(url)


def test_a_tls_port_stands_beside_the_plain_one_in_one_application(
    start: Callable[[ListenOptions], Running],
    certificates: LocalCertificates,
    trust: ssl.SSLContext,
) -> None:
    server = start(
        ListenOptions(
            "127.0.0.1",
            FREE,
            tls_port=FREE,
            certfile=certificates.cert_path,
            keyfile=certificates.key_path,
        )
    )

    plain, sealed = server.urls
    assert httpx.get(plain).text == "http"
    assert httpx.get(sealed, verify=trust).text == "https"
    with websockets.sync.client.connect(plain.replace("http", "ws")) as live:
        assert live.recv() == "ws"
    server.stop()
    assert server.app.lifespan == ["startup", "shutdown"]  # once, not once per listener


def test_a_stopped_server_has_given_its_ports_back(
    start: Callable[[ListenOptions], Running],
) -> None:
    server = start(ListenOptions("127.0.0.1", FREE))
    port = int(server.urls[0].rpartition(":")[2])

    server.stop()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 5)
    again = start(ListenOptions("127.0.0.1", port))
    assert httpx.get(again.urls[0]).text == "http"


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_an_ipv6_host_is_shown_in_brackets_and_any_means_ipv4_too(
    start: Callable[[ListenOptions], Running],
) -> None:
    [url] = start(ListenOptions("::", FREE)).urls

    assert url.startswith("http://[::]:")
    assert httpx.get(url.replace("[::]", "127.0.0.1")).text == "http"
    assert httpx.get(url.replace("[::]", "[::1]")).text == "http"


def test_a_taken_port_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(SettingsInvalid, match=rf"127\.0\.0\.1 port {port}: .*--port"):
            AppServer(TrivialApp(), ListenOptions("127.0.0.1", port))


def test_a_taken_tls_port_gives_the_plain_one_back(certificates: LocalCertificates) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        plain_port = unused.getsockname()[1]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        options = ListenOptions(
            "127.0.0.1",
            plain_port,
            tls_port=taken.getsockname()[1],
            certfile=certificates.cert_path,
            keyfile=certificates.key_path,
        )
        with pytest.raises(SettingsInvalid):
            AppServer(TrivialApp(), options)

    socket.create_server(("127.0.0.1", plain_port)).close()


@pytest.mark.parametrize("host", ["host.invalid", "203.0.113.1", "a" * 64])
def test_a_host_that_is_not_ours_cannot_be_listened_on(host: str) -> None:
    with pytest.raises(SettingsInvalid, match="cannot listen on"):
        AppServer(TrivialApp(), ListenOptions(host, FREE))


def test_a_port_that_does_not_exist_cannot_be_listened_on() -> None:
    with pytest.raises(SettingsInvalid, match="cannot listen on"):
        AppServer(TrivialApp(), ListenOptions("127.0.0.1", 70000))


def test_a_certificate_that_cannot_be_used_is_named(
    tmp_path: Path, certificates: LocalCertificates
) -> None:
    other = ensure_local_certificates(tmp_path / "other", [], datetime.now(UTC))
    missing = tmp_path / "missing.pem"
    useless = [
        ListenOptions("127.0.0.1", FREE, certfile=missing),
        ListenOptions("127.0.0.1", FREE, certfile=certificates.cert_path),
        ListenOptions("127.0.0.1", FREE, certfile=certificates.cert_path, keyfile=other.key_path),
    ]

    for options in useless:
        with pytest.raises(SettingsInvalid, match="cannot use the certificate"):
            AppServer(TrivialApp(), options)


def test_tls_without_a_certificate_is_told_what_it_needs(certificates: LocalCertificates) -> None:
    with pytest.raises(SettingsInvalid, match="needs a certificate"):
        AppServer(TrivialApp(), ListenOptions("127.0.0.1", FREE, tls_port=FREE))
    with pytest.raises(SettingsInvalid, match="--keyfile needs --certfile"):
        AppServer(TrivialApp(), ListenOptions("127.0.0.1", FREE, keyfile=certificates.key_path))


def test_no_log_line_holds_the_query_of_a_request_or_a_websocket(
    start: Callable[[ListenOptions], Running], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    [url] = start(ListenOptions("127.0.0.1", FREE)).urls

    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 5) as client:
        client.sendall(b"GET /?token=hidden-key HTTP/1.0\r\nAuthorization: hidden-key\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 200")
    live_url = f"{url.replace('http', 'ws')}/v3/ws?token=hidden-key"
    quiet = logging.getLogger("quiet")
    quiet.propagate = False
    with websockets.sync.client.connect(live_url, logger=quiet) as live:
        assert live.recv() == "ws"

    assert "hidden-key" not in caplog.text


PROGRAM = """
import asyncio, sys
from earshot.api.listening import ListenOptions
from earshot.api.server import AppServer

async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"first ", "more_body": True})
    await asyncio.to_thread(sys.stdin.readline)
    await send({"type": "http.response.body", "body": b"last"})

server = AppServer(app, ListenOptions("127.0.0.1", 0))
server.run(lambda urls: print(urls[0], flush=True))
print("in order", flush=True)
"""


def wait_until_refused(port: int) -> None:
    """Returns when the server has stopped to listen."""
    try:
        while True:
            socket.create_connection(("127.0.0.1", port), 5).close()
    except ConnectionError:
        return


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_what_is_in_flight_finish_and_the_caller_go_on(number: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with httpx.stream("GET", url) as response:
            process.send_signal(number)
            wait_until_refused(int(url.rpartition(":")[2]))
            process.stdin.write("\n")
            process.stdin.flush()
            assert response.read() == b"first last"
        assert process.stdout.read() == "in order\n"
    assert process.returncode == 0


SERVING_WITH_FEW_FILES = """
import resource, sys
from earshot.api.listening import ListenOptions
from earshot.api.server import AppServer

async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"here"})

resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))
server = AppServer(app, ListenOptions("127.0.0.1", 0))
server.run(lambda urls: print(urls[0], flush=True))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there, files are not limited")
def test_silent_connections_take_no_file_that_the_server_needs(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVING_WITH_FEW_FILES]
    log = tmp_path / "log"
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
        ExitStack() as ending,
        ExitStack() as silent,
    ):
        ending.callback(process.kill)
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        for _ in range(300):
            connection = silent.enter_context(socket.socket())
            connection.setblocking(False)  # the kernel completes some later, or never
            connection.connect_ex(("127.0.0.1", int(url.rsplit(":", 1)[1])))
        until(lambda: not answers(url), "there is no place left")
        silent.close()
        until(lambda: answers(url), "there are places again")
    assert log.read_text() == ""


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).text == "here"
    except httpx.TransportError:
        return False


class TalkativeApp(TrivialApp):
    """Keeps WebSockets open until it is told to end them."""

    def __init__(self) -> None:
        super().__init__()
        self.stopping = asyncio.Event()
        self.scopes: list[Scope] = []

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await super().__call__(scope, receive, send)
            return
        self.scopes.append(scope)
        await send({"type": "websocket.accept"})
        await self.stopping.wait()
        await send({"type": "websocket.send", "text": "the last word"})
        await send({"type": "websocket.close", "code": 1001})

    async def stop(self) -> None:
        self.stopping.set()
        await asyncio.sleep(0)


def test_a_stopping_server_lets_its_sockets_finish_first() -> None:
    app = TalkativeApp()
    server = AppServer(app, ListenOptions("127.0.0.1", FREE))
    found: list[str] = []
    serving = threading.Thread(target=server.run, args=(found.extend, app.stop))
    serving.start()
    url = until(lambda: found, "the server listens")[0]
    with websockets.sync.client.connect(url.replace("http", "ws")) as opened:
        until(lambda: app.scopes, "the socket is open")
        assert app.scopes[0]["extensions"]["earshot.abort"]["abort"]
        server.stop()
        assert opened.recv() == "the last word"
        with pytest.raises(websockets.exceptions.ConnectionClosed):
            opened.recv()
        assert opened.close_code == 1001
    serving.join(20)
    assert not serving.is_alive()
