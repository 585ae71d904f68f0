"""Signatures by which a receiver knows that a webhook is ours (Standard Webhooks 1.0)."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

SECRET_PREFIX = "whsec_"


def signature_headers(
    secret: str, *, message_id: str, timestamp_s: int, body: bytes
) -> Mapping[str, str]:
    """The three headers that sign that body at that Unix time.

    Raises ValueError for a secret that is not `whsec_` and base64.
    """
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    digest = hmac.new(_key_of(secret), signed, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode('ascii')}",
    }


def _key_of(secret: str) -> bytes:
    if not secret.startswith(SECRET_PREFIX):
        raise ValueError("a webhook secret starts with whsec_")
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("a webhook secret is base64 after whsec_") from error
