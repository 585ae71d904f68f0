"""Whether a bucket that callers may name can be read: what the operator wants to know first."""

from dataclasses import dataclass, replace
from typing import Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from earshot.egress.buckets import AllowedBucket, kind_of, open_bucket
from earshot.egress.options import EgressOptions

# Whoever asks sits before a terminal.
_CONNECT_S: Final = 5.0
_ANSWER_S: Final = 20.0

_CREDENTIALS: Final = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS, or give this machine an account",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or give this machine an "
    "identity",
}
_ADDRESS: Final = {
    "s3": "AWS_REGION, and AWS_ENDPOINT_URL where the store is not Amazon's",
    "gs": "the project that it is in",
    "az": "AZURE_STORAGE_ACCOUNT_NAME, and AZURE_STORAGE_ENDPOINT where one is set",
}
# What is in the text of an error; the text itself is not told.
_ABSENT: Final = ("NoSuchBucket", "ContainerNotFound")
_REFUSED: Final = ("status code: 401", "status code: 403")
_ELSEWHERE: Final = ("PermanentRedirect", "AuthorizationHeaderMalformed", "BareRedirect")
# Where credentials are looked for when no variable has them, and what Azure lacks before that.
_NO_CREDENTIALS: Final = (
    "/latest/api/token",
    "/latest/meta-data/iam/",
    "/computeMetadata/v1/instance/",
    "/metadata/identity/",
    "MissingAccount",
)


@dataclass(frozen=True, slots=True)
class BucketAccess:
    """What came of trying, in plain words; `remedy` is empty where the bucket can be read."""

    explanation: str
    remedy: str = ""


def try_bucket(bucket: AllowedBucket, options: EgressOptions) -> BucketAccess:
    """Whether the bucket can be listed, and the first object of it be opened.

    Nothing is read of what is in it. Takes a while where the store does not answer.
    """
    hasty = replace(
        options,
        connect_timeout_s=_CONNECT_S,
        read_timeout_s=_ANSWER_S,
        fetch_total_timeout_s=_ANSWER_S,
    )
    try:
        store = open_bucket(bucket.scheme, bucket.bucket, hasty)
        key = _first_key(store, bucket.prefix)
        if key is None:
            return BucketAccess("answers; nothing is in it")
        obstore.get(store, key)
    except (BaseError, OSError, ValueError) as error:
        return _of_failure(bucket, error)
    return BucketAccess("answers, and what is in it can be read")


def _first_key(store: ObjectStore, prefix: str) -> str | None:
    """The key of some object below the prefix; None where there is none."""
    page = next(iter(obstore.list(store, prefix=prefix or None)), ())
    return next((entry["path"] for entry in page), None)


def _of_failure(bucket: AllowedBucket, error: Exception) -> BucketAccess:
    kind, text = kind_of(error), str(error)
    address, credentials = _ADDRESS[bucket.scheme], _CREDENTIALS[bucket.scheme]
    if any(place in text for place in _NO_CREDENTIALS):
        explanation = "cannot be asked, as no credentials were found"
        remedy = f"set {credentials}"
    elif isinstance(error, FileNotFoundError) or any(code in text for code in _ABSENT):
        explanation = "does not exist where it is looked for"
        remedy = f"check its name, and {address}"
    elif any(status in text for status in _REFUSED):
        explanation = "does not open to this server"
        remedy = f"let these credentials list it and read what is in it, or set {credentials}"
    elif any(sign in text for sign in _ELSEWHERE):
        explanation = "is in another region"
        remedy = "set AWS_REGION to the bucket's"
    else:
        explanation = "does not answer"
        remedy = f"check the network, {address}"
    return BucketAccess(f"{explanation}: {kind}", remedy)
