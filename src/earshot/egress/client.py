"""The one client through which everything leaves this machine."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpcore
import httpx

from earshot import __version__
from earshot.egress.connection import Deadline, GuardedBackend, Resolver, look_up_host
from earshot.egress.policy import AddressPolicy
from earshot.egress.target import Target, parse_target, resolve_redirect
from earshot.errors import NoAnswer, NotReached, ResponseTooLarge

# Its debug traces repeat headers and the targets of redirects: keys and signed URLs are in them.
logging.getLogger("httpcore").setLevel(logging.WARNING)

REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
STANDARD_HEADERS = {
    "Accept": "*/*",
    # A body is taken as it comes and never unpacked: no small answer can grow here.
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": f"earshot/{__version__}",
}


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """What is sent. The extra headers go to the first host only, never along with a redirect."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class ExchangeLimits:
    """How long one exchange may take, redirects and body included, and how far it may lead.

    It ends soon after it `is_wanted` no more, as it does when its time is over.
    """

    total_s: float
    connect_s: float
    read_s: float
    max_redirects: int = 0
    is_wanted: Callable[[], bool] = lambda: True


class GuardedResponse:
    """An answer whose body has yet to be read; good until the exchange is closed."""

    def __init__(self, response: httpcore.Response) -> None:
        self.status = response.status
        self.headers = httpx.Headers(response.headers)
        self._response = response

    @property
    def content_length(self) -> int | None:
        """The size of the body as announced; None where it is not, or is no number."""
        announced = self.headers.get("content-length", "")
        return int(announced) if announced.isascii() and announced.isdigit() else None

    def chunks(self, max_bytes: int) -> Iterator[bytes]:
        """The body as it arrives, never unpacked.

        Raises ResponseTooLarge as soon as more than `max_bytes` are announced or have come, and
        NoAnswer when it breaks off.
        """
        if (self.content_length or 0) > max_bytes:
            raise ResponseTooLarge(max_bytes)
        n_received = 0
        with _failures_as_no_answer():
            for chunk in self._response.iter_stream():
                n_received += len(chunk)
                if n_received > max_bytes:
                    raise ResponseTooLarge(max_bytes)
                yield chunk


class GuardedClient:
    """Sends requests to addresses that a policy permits, and to no other.

    Each exchange opens its own connections and closes them: one that a lenient policy opened is
    never there for a strict one to reuse. The environment is not consulted, so a proxy variable
    cannot lead traffic around the policy. Safe to share between threads.
    """

    def __init__(
        self,
        *,
        extra_ca_file: Path | None = None,
        resolve: Resolver = look_up_host,
    ) -> None:
        self._ssl_context = httpx.create_ssl_context(trust_env=False)
        if extra_ca_file is not None:
            self._ssl_context.load_verify_locations(cafile=extra_ca_file)
        self._resolve = resolve

    @contextmanager
    def open(
        self, request: OutboundRequest, *, policy: AddressPolicy, limits: ExchangeLimits
    ) -> Iterator[GuardedResponse]:
        """The answer to the request, after at most `max_redirects` redirects, each checked anew.

        With no redirects permitted a redirect is an answer like any other. Raises AddressRefused
        where the policy or the URL forbids to connect, NotReached where no connection came about,
        and else NoAnswer where nothing usable came back.
        """
        deadline = Deadline(limits.total_s, limits.is_wanted)
        target = parse_target(request.url)
        first_origin = target.origin
        for _ in range(limits.max_redirects + 1):
            headers = request.headers if target.origin == first_origin else {}
            with (
                self._pool(policy, deadline) as pool,
                _exchange(pool, target, request, headers, limits) as response,
            ):
                location = _redirect_location(response) if limits.max_redirects else None
                if location is None:
                    yield response
                    return
            target = resolve_redirect(target, location)
        raise NoAnswer(f"more than {limits.max_redirects} redirects")

    def _pool(self, policy: AddressPolicy, deadline: Deadline) -> httpcore.ConnectionPool:
        return httpcore.ConnectionPool(
            ssl_context=self._ssl_context,
            max_keepalive_connections=0,
            network_backend=GuardedBackend(policy, self._resolve, deadline),
        )


@contextmanager
def _exchange(
    pool: httpcore.ConnectionPool,
    target: Target,
    request: OutboundRequest,
    headers: Mapping[str, str],
    limits: ExchangeLimits,
) -> Iterator[GuardedResponse]:
    with _failures_as_no_answer():
        response = pool.handle_request(_wire_request(target, request, headers, limits))
    try:
        yield GuardedResponse(response)
    finally:
        response.close()


def _wire_request(
    target: Target,
    request: OutboundRequest,
    headers: Mapping[str, str],
    limits: ExchangeLimits,
) -> httpcore.Request:
    wire_headers = httpx.Headers({"Host": target.url.netloc.decode("ascii")} | STANDARD_HEADERS)
    if request.body is not None:
        wire_headers["Content-Length"] = str(len(request.body))
    wire_headers.update([(name.encode(), value.encode()) for name, value in headers.items()])
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(
            scheme=target.scheme,
            host=target.host,
            port=target.port,
            target=target.path_and_query,
        ),
        headers=wire_headers.raw,
        content=request.body,
        extensions={
            "timeout": {
                "connect": limits.connect_s,
                "read": limits.read_s,
                "write": limits.read_s,
                "pool": limits.connect_s,
            }
        },
    )


def _redirect_location(response: GuardedResponse) -> str | None:
    if response.status not in REDIRECT_STATUSES:
        return None
    location: str | None = response.headers.get("location")
    return location


@contextmanager
def _failures_as_no_answer() -> Iterator[None]:
    try:
        yield
    except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
        raise NotReached(f"{type(error).__name__}: {error}") from error
    except (httpcore.TimeoutException, httpcore.NetworkError) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}") from error
    except httpcore.ProtocolError as error:
        # Without its text, which repeats what was sent or received: that may be a secret header.
        raise NoAnswer(type(error).__name__) from error
