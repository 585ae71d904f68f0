"""Fetching the recording that an audio URL names."""

import logging
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http import HTTPStatus

from earshot.egress.buckets import BucketReader, is_object_url
from earshot.egress.client import (
    ExchangeLimits,
    GuardedClient,
    GuardedResponse,
    OutboundRequest,
)
from earshot.egress.options import EgressOptions
from earshot.egress.policy import AddressPolicy, parse_allow_list
from earshot.egress.share_links import direct_url
from earshot.egress.target import host_for_log
from earshot.errors import AddressRefused, DownloadFailed, NoAnswer, ResponseTooLarge

logger = logging.getLogger(__name__)


class AudioFetcher:
    """Downloads recordings with bounded memory, size and time.

    From URLs through the guarded client, from the operator's buckets through their own.
    """

    def __init__(self, client: GuardedClient, options: EgressOptions) -> None:
        self._client = client
        self._buckets = BucketReader(options)
        self._allow = parse_allow_list(options.fetch_allow)
        self._max_bytes = options.fetch_max_bytes
        self._limits = ExchangeLimits(
            total_s=options.fetch_total_timeout_s,
            connect_s=options.connect_timeout_s,
            read_s=options.read_timeout_s,
            max_redirects=options.fetch_max_redirects,
        )

    def fetch_audio(
        self, url: str, *, allow_private: bool, project_name: str = ""
    ) -> Generator[bytes, None, None]:
        """The media bytes in the order they arrive; the connection closes with the generator.

        `allow_private` says that this one request may reach loopback and private addresses without
        the allow-list; `project_name`, whose buckets may be read. A link that people share is taken
        for the file behind it. Raises DownloadFailed, as soon as it is known, with the text that
        the compatible API gives its callers; the reason goes to the log.
        """
        with _failures_as_download_failed(url):
            if is_object_url(url):
                yield from self._buckets.read(url, project_name=project_name)
                return
            policy = AddressPolicy(self._allow, allow_private=allow_private)
            request = OutboundRequest(direct_url(url))
            with self._client.open(request, policy=policy, limits=self._limits) as response:
                _require_ok(url, response)
                yield from response.chunks(self._max_bytes)


def _require_ok(url: str, response: GuardedResponse) -> None:
    if response.status != HTTPStatus.OK:
        _log_failure(url, reason=f"status {response.status}", level=logging.INFO)
        raise DownloadFailed(url, status_line=_status_line(response.status))


def _status_line(status: int) -> str | None:
    """Like "403 Client Error: Forbidden"; None where the status is no error, but not 200 either."""
    if not 400 <= status < 600:
        return None
    side = "Client" if status < 500 else "Server"
    # The standard phrase and not the one that came: what others wrote is not ours to pass on.
    phrases = {known.value: known.phrase for known in HTTPStatus}
    return f"{status} {side} Error: {phrases.get(status, 'Unknown')}"


@contextmanager
def _failures_as_download_failed(url: str) -> Iterator[None]:
    try:
        yield
    except AddressRefused as error:
        _log_failure(url, reason=str(error), level=logging.WARNING)
        raise DownloadFailed(url) from error
    except (NoAnswer, ResponseTooLarge) as error:
        _log_failure(url, reason=str(error), level=logging.INFO)
        raise DownloadFailed(url) from error


def _log_failure(url: str, *, reason: str, level: int) -> None:
    logger.log(level, "download_failed", extra={"host": host_for_log(url), "reason": reason})
