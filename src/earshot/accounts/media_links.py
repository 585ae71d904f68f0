"""URLs that open one file of the media store for a while, to whoever has them.

They are signed with the project's webhook secret, so that any process makes and reads them and none
has to be stored. A new secret ends those that were signed with the old one.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

# "valid 24 h"
LINK_TTL = timedelta(hours=24)
# Said before what is signed, so that no signature of a webhook is one of a link.
_PURPOSE = "earshot-media-link"
_MAX_DIGITS = 12  # of a moment in seconds: more are no moment that there is


def sign_link(secret: str, path: str, now: datetime) -> Mapping[str, str]:
    """The query that opens the path from now on, for LINK_TTL."""
    expires = str(int((now + LINK_TTL).timestamp()))
    return {"expires": expires, "signature": _signature(secret, path, expires)}


def opens(secret: str, path: str, query: Mapping[str, str], now: datetime) -> bool:
    """Whether the query is one that `sign_link` made for the path, and its time is not over."""
    expires, signature = query.get("expires", ""), query.get("signature", "")
    expected = _signature(secret, path, expires)
    is_ours = hmac.compare_digest(expected.encode(), signature.encode())
    is_moment = expires.isascii() and expires.isdecimal() and len(expires) <= _MAX_DIGITS
    return is_ours and is_moment and now.timestamp() < int(expires)


def _signature(secret: str, path: str, expires: str) -> str:
    signed = "\n".join((_PURPOSE, path, expires))
    return hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
