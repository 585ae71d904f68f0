"""Connecting to exactly the address that was checked, within one deadline."""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from ipaddress import ip_address
from threading import Thread

import httpcore
from typing_extensions import override

from earshot.egress.policy import AddressPolicy, IPAddress, literal_address

# The addresses of a name, as text. Raises OSError where there are none.
Resolver = Callable[[str, int], Sequence[str]]

# A name with more addresses than this gains nothing from further tries.
MAX_ADDRESSES_TRIED = 4

LOOK_S = 1.0  # how often, while nothing comes, it is asked whether anybody still waits for it


def look_up_host(host: str, port: int) -> Sequence[str]:
    """The addresses that the system's resolver knows for the name, each once, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


class Deadline:
    """The end of the time that one exchange has, whatever it is doing then."""

    def __init__(self, total_s: float, is_wanted: Callable[[], bool] = lambda: True) -> None:
        self._ends_at_s = time.monotonic() + total_s
        self._is_wanted = is_wanted

    def cap(self, timeout_s: float | None) -> float:
        """The shorter of the timeout and of what is left; raises when nothing is left.

        Nothing is left, either, once the exchange is not wanted any more.
        """
        if not self._is_wanted():
            raise httpcore.ReadTimeout("nobody waits for it any more")
        left_s = self._ends_at_s - time.monotonic()
        if left_s <= 0:
            raise httpcore.ReadTimeout("the time for the whole exchange is over")
        return left_s if timeout_s is None else min(timeout_s, left_s)


class DeadlineStream(httpcore.NetworkStream):
    """A stream whose every operation ends at the deadline, so that trickling bytes buy no time."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        ends_at_s = None if timeout is None else time.monotonic() + timeout
        while True:
            rest_s = None if ends_at_s is None else max(0.001, ends_at_s - time.monotonic())
            timeout_s = self._deadline.cap(rest_s)
            try:
                return self._stream.read(max_bytes, min(timeout_s, LOOK_S))
            except httpcore.ReadTimeout:
                if timeout_s <= LOOK_S:
                    raise

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.cap(timeout))

    @override
    def close(self) -> None:
        self._stream.close()

    @override
    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        timeout_s = self._deadline.cap(timeout)
        encrypted = self._stream.start_tls(ssl_context, server_hostname, timeout_s)
        return DeadlineStream(encrypted, self._deadline)

    @override
    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """Opens connections for one exchange: looks a name up once and dials what was checked.

    The host stays what the URL says, so `Host`, SNI and the certificate are checked against the
    name, while the socket goes to the checked address: a name that answers differently a moment
    later changes nothing.
    """

    def __init__(self, policy: AddressPolicy, resolve: Resolver, deadline: Deadline) -> None:
        self._policy = policy
        self._resolve = resolve
        self._deadline = deadline
        self._dialler = httpcore.SyncBackend()

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._addresses_of(host, port, timeout)
        permitted = self._policy.permitted(host, addresses)[:MAX_ADDRESSES_TRIED]
        failure: Exception = httpcore.ConnectError("no address to try")
        for n_tried, address in enumerate(permitted):
            timeout_s = self._deadline.cap(timeout) / (len(permitted) - n_tried)
            try:
                stream = self._dialler.connect_tcp(
                    str(address), port, timeout_s, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return DeadlineStream(stream, self._deadline)
        raise failure

    def _addresses_of(self, host: str, port: int, timeout: float | None) -> tuple[IPAddress, ...]:
        literal = literal_address(host)
        if literal is not None:
            return (literal,)
        texts = _resolve_in_time(self._resolve, host, port, self._deadline.cap(timeout))
        if not texts:
            raise httpcore.ConnectError("the name has no address")
        return tuple(ip_address(text) for text in texts)


def _resolve_in_time(resolve: Resolver, host: str, port: int, timeout_s: float) -> Sequence[str]:
    """The resolver's answer, waited for no longer than that: the system's own takes no timeout."""
    answer: Future[Sequence[str]] = Future()

    def look_up() -> None:
        try:
            answer.set_result(resolve(host, port))
        except (OSError, UnicodeError) as error:  # UnicodeError: a label that DNS cannot carry
            answer.set_exception(httpcore.ConnectError(f"look-up failed: {error}"))

    Thread(target=look_up, name="egress-look-up", daemon=True).start()
    try:
        return answer.result(timeout_s)
    except TimeoutError as error:
        raise httpcore.ConnectTimeout("the look-up of the name took too long") from error
