"""Fetching files that this program wants for itself: models, from the hub or a mirror of it."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from earshot.egress.client import ExchangeLimits, GuardedClient, OutboundRequest
from earshot.egress.policy import AddressPolicy, parse_allow_list
from earshot.errors import DownloadFailed

# The largest models are some GB; a slow line may take the better part of a day.
LIMITS = ExchangeLimits(total_s=24 * 3600.0, connect_s=10.0, read_s=60.0, max_redirects=10)
MAX_FILE_BYTES = 50_000_000_000


class FileFetcher:
    """Downloads from one server that the operator named, and from wherever that one redirects to.

    The server itself may be private: a mirror in the operator's own network. What it redirects to
    must be public, or be itself.
    """

    def __init__(self, client: GuardedClient, server_url: str, headers: Mapping[str, str]) -> None:
        """`headers` go to that server only."""
        self._client = client
        self._policy = AddressPolicy(parse_allow_list([urlsplit(server_url).hostname or ""]))
        self._headers = headers

    def fetch(self, url: str) -> Iterator[bytes]:
        """The content in the order it arrives.

        Raises NoAnswer, AddressRefused, and DownloadFailed with the status of another answer.
        """
        request = OutboundRequest(url, headers=self._headers)
        with self._client.open(request, policy=self._policy, limits=LIMITS) as response:
            if response.status != HTTPStatus.OK:
                raise DownloadFailed(url, status_line=_status_line(response.status))
            yield from response.chunks(MAX_FILE_BYTES)


def _status_line(status: int) -> str:
    phrases = {known.value: known.phrase for known in HTTPStatus}
    return f"{status} {phrases.get(status, 'Unknown')}"
