"""Absolute URLs of this server, and what a request's own address tells."""

import re
from urllib.parse import urlencode, urlsplit

from starlette.requests import HTTPConnection, Request

from earshot.api.services import ApiOptions

_UPLOAD_PATH = re.compile(
    r"/upload/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", re.IGNORECASE
)


def absolute_url(
    request: Request, options: ApiOptions, path: str, query: dict[str, str] | None = None
) -> str:
    """The URL of a path of ours, on the base that the client used for this request.

    Behind a proxy that base is not ours to see, and what its headers say anybody can write: there
    the operator's `EARSHOT_PUBLIC_URL` is the base, if it is set.
    """
    base = str(request.base_url).rstrip("/")
    if options.public_url is not None and is_forwarded(request):
        base = options.public_url
    return f"{base}{path}?{urlencode(query)}" if query else f"{base}{path}"


def upload_path(upload_id: str) -> str:
    return f"/upload/{upload_id}"


def upload_id_in(url: str) -> str | None:
    """The upload that the URL names if it is one of ours, however the client spells our host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None  # an object in a bucket, whatever its key looks like
    path = parts.path
    found = _UPLOAD_PATH.search(path)
    return found[1].lower() if found is not None and path.endswith(found[0]) else None


def allows_private_hosts(request: HTTPConnection, options: ApiOptions) -> bool:
    """Whether the caller's URLs may lead to loopback and private addresses.

    "When the server listens on loopback, `EARSHOT_PUBLIC_URL` is unset and the request carries no
    `Forwarded`/`X-Forwarded-*` header (one person's machine, not behind a proxy)."
    """
    is_alone = options.listens_on_loopback and options.public_url is None
    return is_alone and not is_forwarded(request)


def is_forwarded(request: HTTPConnection) -> bool:
    """Whether the request came through a proxy that says so."""
    return any(name == "forwarded" or name.startswith("x-forwarded-") for name in request.headers)
