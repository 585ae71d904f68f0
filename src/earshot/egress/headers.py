"""Headers that a customer asks us to send along."""

import re

from earshot.errors import RequestInvalid

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # all but the tab
# These say where a message goes and where it ends, or are part of our own signature.
RESERVED = frozenset(
    {
        "connection",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
    }
)


def check_header_name(name: str, *, param: str) -> None:
    """Raise RequestInvalid, naming the parameter, for what cannot be sent as a header's name."""
    if not TOKEN.fullmatch(name):
        raise RequestInvalid(f"{param} must be a valid HTTP header name")
    if name.lower() in RESERVED:
        raise RequestInvalid(f"{param} must not be {name}, which this server sets itself")


def check_header_value(value: str, *, param: str) -> None:
    """Raise RequestInvalid, naming the parameter, for what would break out of a header."""
    if CONTROL.search(value):
        raise RequestInvalid(f"{param} must not contain line breaks or control characters")
