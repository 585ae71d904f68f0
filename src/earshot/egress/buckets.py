"""Recordings in cloud storage, read with the server's own credentials: from allowed buckets alone.

What callers may name there is the operator's to say, as their own keys open nothing here. How a
store is reached, and as whom, comes from the environment, as the providers' own tools read it, and
nothing of it from the caller: the bucket is one of the list, and a key leads nowhere else.
"""

import logging
import re
import time
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import AzureStore, GCSStore, ObjectStore, S3Store

from earshot.egress.options import EgressOptions
from earshot.errors import (
    AddressRefused,
    DownloadFailed,
    NoAnswer,
    ResponseTooLarge,
    SettingsInvalid,
)

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

logger = logging.getLogger(__name__)

SCHEMES: Final = ("s3", "gs", "az")

_READ_BYTES = 2**20
# A request that failed for a moment is made again so often, and for so long.
_RETRIES: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=60)}

# The widest rule of the three: Google's names with dots have up to 222 characters, and keys 1024.
_BUCKET = r"(?P<bucket>[A-Za-z0-9][A-Za-z0-9._-]{1,221})"
_KEY = r"(?P<key>[^\x00-\x1f\x7f]{1,1024})"
_OBJECT_URL = re.compile(rf"(?P<scheme>s3|gs|az)://{_BUCKET}/{_KEY}", re.ASCII)
_ENTRY = re.compile(
    rf"(?:(?P<project>.+)=)?(?P<scheme>s3|gs|az)://{_BUCKET}(?:/(?P<prefix>.*))?", re.ASCII
)

_OTHER_NAMES = {"s3a": "s3", **dict.fromkeys(("adl", "azure", "abfs", "abfss"), "az")}
_AZURE_HOST = re.compile(r"[^.]+\.(?:blob|dfs)\.(?:core\.windows\.net|fabric\.microsoft\.com)")
_S3_HOST = re.compile(r"(?:(?P<bucket>.+)\.)?s3[.-](?:.+\.)?amazonaws\.com")
_S3_HOST_OF_PATHS = re.compile(r".+\.r2\.cloudflarestorage\.com")
# What stores call a failure: of their answers the one part that is sure to hold no secret.
_CODE = re.compile(r"<Code>(?P<code>[A-Za-z0-9]{1,64})</Code>")


@dataclass(frozen=True, slots=True)
class ObjectUrl:
    """One object in a bucket; the key is as it was written, nothing in it is decoded."""

    scheme: str
    bucket: str
    key: str


def is_object_url(url: str) -> bool:
    """Whether the URL is of cloud storage, whatever else is right or wrong with it."""
    return url.lower().startswith(tuple(f"{scheme}://" for scheme in SCHEMES))


def parse_object_url(url: str) -> ObjectUrl:
    """The object that the URL names; AddressRefused where it names none.

    A key is not a path that could climb: one with an empty part, or one that is only dots, is none.
    """
    found = _OBJECT_URL.fullmatch(url)
    if found is None or not _is_below(found["key"]):
        raise AddressRefused("the URL names no object in a bucket")
    return ObjectUrl(found["scheme"], found["bucket"], found["key"])


def _is_below(path: str) -> bool:
    return not any(part in ("", ".", "..") for part in path.split("/"))


@dataclass(frozen=True, slots=True)
class AllowedBucket:
    """A bucket, or what is below a prefix of it; for one project, or for all where that is None.

    The prefix is empty or ends with a slash.
    """

    scheme: str
    bucket: str
    prefix: str
    project_name: str | None

    def holds(self, wanted: ObjectUrl) -> bool:
        is_here = (self.scheme, self.bucket) == (wanted.scheme, wanted.bucket)
        return is_here and wanted.key.startswith(self.prefix)


@dataclass(frozen=True, slots=True)
class BucketPolicy:
    """Which buckets are read, and for whom; none at all unless the operator names them."""

    allowed: tuple[AllowedBucket, ...] = ()

    def permits(self, wanted: ObjectUrl, project_name: str) -> bool:
        return any(bucket.holds(wanted) for bucket in self._of(project_name))

    def has_any(self, project_name: str) -> bool:
        """Whether the project may name any bucket."""
        return bool(self._of(project_name))

    def opens(self, store_url: str) -> bool:
        """Whether anybody may name what lies, or will lie, in the store at that URL."""
        scheme, name, prefix = _place_of(store_url)
        return any(
            (bucket.scheme, bucket.bucket) == (scheme, name)
            and (bucket.prefix.startswith(prefix) or prefix.startswith(bucket.prefix))
            for bucket in self.allowed
        )

    def _of(self, project_name: str) -> tuple[AllowedBucket, ...]:
        return tuple(
            bucket for bucket in self.allowed if bucket.project_name in (None, project_name)
        )


NO_BUCKETS: Final = BucketPolicy()


def parse_buckets(entries: Iterable[str]) -> BucketPolicy:
    """The policy of `s3://bucket`, `gs://bucket/prefix` and `project=az://container`.

    Raises SettingsInvalid, naming the entry, for anything else.
    """
    allowed = []
    for entry in entries:
        found = _ENTRY.fullmatch(entry)
        prefix = _folder(found["prefix"] if found else None)
        if found is None or (prefix and not _is_below(prefix[:-1])):
            raise SettingsInvalid(
                f"'{entry}' is no bucket: write s3://bucket, gs://bucket/prefix, az://container, "
                "or project=s3://bucket for one project alone"
            )
        allowed.append(AllowedBucket(found["scheme"], found["bucket"], prefix, found["project"]))
    return BucketPolicy(tuple(allowed))


def _folder(prefix: str | None) -> str:
    trimmed = (prefix or "").strip("/")
    return f"{trimmed}/" if trimmed else ""


def _place_of(store_url: str) -> tuple[str, str, str]:
    """Scheme, bucket and prefix of a store, in each of the forms that obstore reads."""
    try:
        parts = urlsplit(store_url)
    except ValueError:  # whoever opens it says so
        return "", "", ""
    if parts.scheme == "https":
        first, _, rest = parts.path.strip("/").partition("/")
        host = parts.hostname or ""
        found = _S3_HOST.fullmatch(host)
        if found is not None and found["bucket"] is not None:
            return "s3", found["bucket"], _folder(parts.path)
        is_azure = _AZURE_HOST.fullmatch(host) is not None
        is_s3 = found is not None or _S3_HOST_OF_PATHS.fullmatch(host) is not None
        return "az" if is_azure else "s3" if is_s3 else "https", first, _folder(rest)
    # In `abfss://container@account.dfs.core.windows.net` the container stands before the account.
    name = parts.netloc.partition("@")[0]
    return _OTHER_NAMES.get(parts.scheme, parts.scheme), name, _folder(parts.path)


@dataclass(frozen=True, slots=True)
class BucketReader:
    """Reads objects of allowed buckets in bounded memory, size and time; safe to share."""

    options: EgressOptions
    policy: BucketPolicy = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "policy", parse_buckets(self.options.source_buckets))

    def read(self, url: str, *, project_name: str) -> Generator[bytes, None, None]:
        """The object's bytes in their order.

        Raises AddressRefused where it is not to be read for the project, ResponseTooLarge, NoAnswer
        where the store is of no use, and DownloadFailed where it says no.
        """
        wanted = parse_object_url(url)
        if not self.policy.permits(wanted, project_name):
            raise AddressRefused("the bucket is not allowed to the project")
        ends_at_s = time.monotonic() + self.options.fetch_total_timeout_s
        try:
            yield from self._stream(wanted, ends_at_s)
        except FileNotFoundError as error:
            _log_refusal(wanted, error)
            raise DownloadFailed(url, status_line="404 Client Error: Not Found") from error
        except (PermissionDeniedError, UnauthenticatedError) as error:
            _log_refusal(wanted, error)
            raise DownloadFailed(url, status_line="403 Client Error: Forbidden") from error
        except (BaseError, OSError, ValueError) as error:
            raise NoAnswer(f"{wanted.scheme} store: {kind_of(error)}") from error

    def _stream(self, wanted: ObjectUrl, ends_at_s: float) -> Generator[bytes, None, None]:
        store = open_bucket(wanted.scheme, wanted.bucket, self.options)
        max_bytes = self.options.fetch_max_bytes
        # On a thread of its own: a store that is written to takes these chunks from inside of its
        # event loop, and the library cannot begin another loop in there.
        with ThreadPoolExecutor(1, thread_name_prefix="bucket") as thread:
            found = thread.submit(obstore.get, store, wanted.key).result(_left_s(ends_at_s))
            if found.meta["size"] > max_bytes:
                raise ResponseTooLarge(max_bytes)
            stream = iter(found.stream(_READ_BYTES))
            while chunk := thread.submit(next, stream, b"").result(_left_s(ends_at_s)):
                yield bytes(chunk)


def kind_of(error: Exception) -> str:
    """What kind of failure it is, with the store's own code for it where there is one.

    Without its text, which may repeat credentials and goes on for pages.
    """
    found = _CODE.search(str(error))
    name = type(error).__name__
    if found is not None:
        return f"{name} ({found['code']})"
    # The store's own word for that is lost on the way: see the region.
    return f"{name} (PermanentRedirect)" if "BareRedirect" in str(error) else name


def _log_refusal(wanted: ObjectUrl, error: Exception) -> None:
    reason = f"{wanted.scheme} store: {kind_of(error)}"
    logger.info("download_failed", extra={"host": wanted.bucket, "reason": reason})


def _left_s(ends_at_s: float) -> float:
    return max(0.0, ends_at_s - time.monotonic())


@lru_cache(maxsize=64)  # its credentials are asked for once, and used until they are over
def open_bucket(scheme: str, bucket: str, options: EgressOptions) -> ObjectStore:
    """The bucket, by the environment's credentials; nothing is connected to yet."""
    client: ClientConfig = {
        # Without TLS only where the operator's own endpoint is: all others are https.
        "allow_http": True,
        "connect_timeout": timedelta(seconds=options.connect_timeout_s),
        "read_timeout": timedelta(seconds=options.read_timeout_s),
        "timeout": timedelta(seconds=options.fetch_total_timeout_s),
    }
    if options.extra_ca_file is not None:
        client["root_certificate"] = options.extra_ca_file.read_bytes()
    if scheme == "s3":
        return S3Store(bucket, client_options=client, retry_config=_RETRIES)
    if scheme == "gs":
        return GCSStore(bucket, client_options=client, retry_config=_RETRIES)
    return AzureStore(bucket, client_options=client, retry_config=_RETRIES)
