"""A URL, read once and checked: what is connected to and what is asked for there."""

from dataclasses import dataclass
from urllib.parse import quote

import httpx

from earshot.egress.policy import is_number, literal_address
from earshot.errors import AddressRefused

DEFAULT_PORTS = {"http": 80, "https": 443}
# Everything that a request line can carry (RFC 9112, 3.2: no space, no control, ASCII only).
REQUEST_LINE_SAFE = "".join(chr(code) for code in range(0x21, 0x7F))


@dataclass(frozen=True, slots=True)
class Target:
    """One place to send a request to. `path_and_query` is what stands in the request line."""

    url: httpx.URL
    scheme: str
    host: str
    port: int
    path_and_query: bytes

    @property
    def origin(self) -> tuple[str, str, int]:
        return (self.scheme, self.host, self.port)


def parse_target(url: str) -> Target:
    """The target that an http or https URL names, its query string as it was written.

    Raises AddressRefused for any other scheme, for credentials in the URL, and for a host that is
    missing, malformed, or a number in another form than a.b.c.d.
    """
    parsed = _parse_url(url)
    if parsed.scheme not in DEFAULT_PORTS:
        raise AddressRefused("the URL is neither http nor https")
    if parsed.userinfo:
        raise AddressRefused("the URL holds credentials")
    host = parsed.raw_host.decode("ascii")
    if not _is_host(host):
        raise AddressRefused("the URL names no host that can be looked up")
    if literal_address(host) is None and is_number(host):
        raise AddressRefused("the host is a number that systems read in different ways")
    port = DEFAULT_PORTS[parsed.scheme] if parsed.port is None else parsed.port
    if not 0 < port <= 0xFFFF:
        raise AddressRefused("the URL names a port that does not exist")
    return Target(parsed, parsed.scheme, host, port, _path_and_query(url, parsed))


def names_host(url: str) -> bool:
    """Whether the URL can be read, and has a host that could be looked up."""
    try:
        return _is_host(httpx.URL(url).raw_host.decode("ascii"))
    except httpx.InvalidURL:
        return False


def resolve_redirect(target: Target, location: str) -> Target:
    """Where a redirect from there leads, checked like any other URL."""
    try:
        joined = target.url.join(location)
    except httpx.InvalidURL as error:
        raise AddressRefused("the redirect leads to something that is not a URL") from error
    return parse_target(str(joined.copy_with(fragment=None)))


def _is_host(host: str) -> bool:
    # A percent sign stands for what no host has, a space for one, or for the zone of an address.
    return bool(host) and "%" not in host


def _parse_url(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except httpx.InvalidURL as error:
        raise AddressRefused("the URL cannot be read") from error


def _path_and_query(url: str, parsed: httpx.URL) -> bytes:
    """The path in its normal form; the query untouched, as customers keep their own data there."""
    path, has_query, _ = parsed.raw_path.partition(b"?")
    query = url.partition("#")[0].partition("?")[2]
    return path + has_query + quote(query, safe=REQUEST_LINE_SAFE).encode("ascii")


def host_for_log(url: str) -> str:
    """The host that the URL names, and nothing of it that may be secret."""
    try:
        # As it stands in the URL: not every host that can be written can be shown in Unicode.
        return httpx.URL(url).raw_host.decode("ascii") or "unknown"
    except httpx.InvalidURL:
        return "unknown"
