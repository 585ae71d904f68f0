"""Serving one application on one or two listeners, in one process and one event loop."""

import asyncio
import logging
import signal
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from earshot.api.connections import ConnectionGate, raise_file_limit
from earshot.api.listening import ListenOptions
from earshot.api.live_socket import LiveSocketProtocol, allow_long_requests
from earshot.api.reading import read_little_at_once
from earshot.errors import SettingsInvalid

logger = logging.getLogger(__name__)

# What a client still has in flight when the server is told to stop may take this long.
GRACE_S = 10
BACKLOG = 2048
ACCEPTED_SHARE = 32
HANDSHAKE_S = 10.0
HIGHEST_PORT = 65535

# A chunk of live audio is 192 KB at most; so much more ends the connection with 1009.
MAX_MESSAGE_BYTES = 2**20

OnStarted = Callable[[list[str]], None]
OnStopping = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Listener:
    """One bound socket and what is spoken on it."""

    socket: socket.socket
    url: str
    tls: ssl.SSLContext | None


class AppServer:
    """One application, served until SIGINT, SIGTERM or `stop`."""

    def __init__(self, app: ASGIApp, options: ListenOptions) -> None:
        """Bind the sockets; raises SettingsInvalid for a port or certificate of no use."""
        self._listeners = _bind_listeners(options)
        allow_long_requests()
        read_little_at_once()
        self._server = _Server(_uvicorn_config(app), self._listeners)

    def run(self, on_started: OnStarted, on_stopping: OnStopping | None = None) -> None:
        """Serve; returns after a graceful end.

        `on_started` is called once, on the event loop, with the base URL of every listener.
        `on_stopping` is waited for when no more connections are taken, and before any is closed.
        """
        self._server.on_started = on_started
        self._server.on_stopping = on_stopping
        try:
            self._server.run()
        finally:
            for listener in self._listeners:
                listener.socket.close()

    def stop(self) -> None:
        """Ask for a graceful end; returns at once. Safe from any thread."""
        self._server.should_exit = True


class _Server(uvicorn.Server):
    """A uvicorn server whose listeners differ in TLS, and that returns when a signal ends it."""

    def __init__(self, config: uvicorn.Config, listeners: list[_Listener]) -> None:
        super().__init__(config)
        self._listeners = listeners
        self.on_started: OnStarted = _ignore_urls
        self.on_stopping: OnStopping | None = None

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=[])  # the application's own start, and no listener
        if self.should_exit:
            return
        loop = asyncio.get_running_loop()
        n_files = raise_file_limit()
        # The other half is for uploads under way, the database and what the system needs.
        gate = ConnectionGate(self._make_protocol, self.server_state.connections, most=n_files // 2)
        for listener in self._listeners:
            server = await loop.create_server(
                gate,
                sock=listener.socket,
                ssl=listener.tls,
                ssl_handshake_timeout=HANDSHAKE_S if listener.tls else None,
                # The loop accepts that many in a row, and takes about six rounds to close what the
                # gate turns away: these must fit into the other half of the files.
                backlog=max(1, min(BACKLOG, n_files // ACCEPTED_SHARE)),
            )
            listener.socket.listen(
                BACKLOG
            )  # the system's queue may be longer than what is accepted
            self.servers.append(server)
        self.on_started([listener.url for listener in self._listeners])

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        if self.on_stopping is not None:
            await self.on_stopping()
        await super().shutdown(sockets)

    def _make_protocol(self) -> asyncio.Protocol:
        protocol_class: Callable[..., asyncio.Protocol] = self.config.http_protocol_class
        return protocol_class(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    @contextmanager
    @override
    def capture_signals(self) -> Iterator[None]:
        """End gracefully on SIGINT and SIGTERM, and do not raise them again afterwards.

        uvicorn would: the process would then die of the signal, and whoever runs the server could
        not put the rest of it in order.
        """
        if threading.current_thread() is not threading.main_thread():
            yield  # Python delivers signals to the main thread only
            return
        ending = (signal.SIGINT, signal.SIGTERM)
        previous = {number: signal.signal(number, self.handle_exit) for number in ending}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)


def _ignore_urls(urls: list[str]) -> None:
    """Nobody asked to be told."""


def _uvicorn_config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        # At "info" uvicorn writes the query of every WebSocket, which may hold a key.
        log_level="warning",
        # EARSHOT_PUBLIC_URL says what we are called from outside, not a header that anyone can set.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        ws=LiveSocketProtocol,
        ws_max_size=MAX_MESSAGE_BYTES,
        # Audio hardly shrinks, and a context per session is memory and time.
        ws_per_message_deflate=False,
    )


def _bind_listeners(options: ListenOptions) -> list[_Listener]:
    tls = _tls_context(options)
    if options.tls_port is None:
        return [_bind(options.host, options.port, tls)]
    if tls is None:
        raise SettingsInvalid("a TLS port needs a certificate: give --certfile, or --tls for ours")
    plain = _bind(options.host, options.port, None)
    try:
        return [plain, _bind(options.host, options.tls_port, tls)]
    except SettingsInvalid:
        plain.socket.close()
        raise


def _bind(host: str, port: int, tls: ssl.SSLContext | None) -> _Listener:
    bare_host = host.strip("[]")
    if not 0 <= port <= HIGHEST_PORT:
        raise SettingsInvalid(f"cannot listen on port {port}: ports end at {HIGHEST_PORT}")
    try:
        found = socket.getaddrinfo(bare_host, port, type=socket.SOCK_STREAM)
        family, *_, address = sorted(found, key=lambda entry: entry[0] != socket.AF_INET)[0]
        bound = socket.create_server(
            (str(address[0]), port),
            family=family,
            backlog=BACKLOG,
            dualstack_ipv6=bare_host == "::" and socket.has_dualstack_ipv6(),
        )
        # What is accepted inherits it. asyncio would set it for sockets that name their protocol,
        # which these do not: the end of an answer would wait 40 ms for the client's system.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except (OSError, UnicodeError) as error:  # UnicodeError: a label that DNS cannot carry
        raise SettingsInvalid(
            f"cannot listen on {host} port {port}: {_why(error)}; "
            "choose another one with --host or --port, or stop what uses it"
        ) from error
    scheme = "http" if tls is None else "https"
    shown_host = f"[{bare_host}]" if ":" in bare_host else bare_host
    return _Listener(bound, f"{scheme}://{shown_host}:{bound.getsockname()[1]}", tls)


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _tls_context(options: ListenOptions) -> ssl.SSLContext | None:
    if options.certfile is None:
        if options.keyfile is not None:
            raise SettingsInvalid("--keyfile needs --certfile, the certificate that it fits")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        # An empty password: without one OpenSSL asks for that of a locked key at the terminal.
        context.load_cert_chain(options.certfile, options.keyfile, password="")
    except OSError as error:  # ssl.SSLError is one
        raise SettingsInvalid(
            f"cannot use the certificate {options.certfile} with the key "
            f"{options.keyfile or options.certfile}: {_why(error)}"
        ) from error
    return context
