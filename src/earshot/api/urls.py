"""Absolute URLs of this server, and what a request's own address tells."""

import re
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request

from earshot.api.services import ApiOptions

_UPLOAD_PATH = re.compile(
    r"/upload/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", re.IGNORECASE
)


def absolute_url(request: Request, path: str, query: dict[str, str] | None = None) -> str:
    """The URL of a path of ours, on the base that the client used for this request."""
    base = str(request.base_url).rstrip("/")
    return f"{base}{path}?{urlencode(query)}" if query else f"{base}{path}"


def upload_path(upload_id: str) -> str:
    return f"/upload/{upload_id}"


def upload_id_in(url: str) -> str | None:
    """The upload that the URL names if it is one of ours, however the client spells our host."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    found = _UPLOAD_PATH.search(path)
    return found[1].lower() if found is not None and path.endswith(found[0]) else None


def allows_private_hosts(request: Request, options: ApiOptions) -> bool:
    """Whether the caller's URLs may lead to loopback and private addresses.

    "When the server listens on loopback, `EARSHOT_PUBLIC_URL` is unset and the request carries no
    `Forwarded`/`X-Forwarded-*` header (one person's machine, not behind a proxy)."
    """
    is_forwarded = any(
        name == "forwarded" or name.startswith("x-forwarded-") for name in request.headers
    )
    return options.listens_on_loopback and options.public_url is None and not is_forwarded
