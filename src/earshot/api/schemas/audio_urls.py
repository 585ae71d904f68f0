"""What an `audio_url` may be: the sentences that refuse all else."""

from typing import Any

from earshot.egress.buckets import BucketPolicy, is_object_url, parse_object_url
from earshot.egress.target import names_host
from earshot.errors import AddressRefused, RequestInvalid

_NOT_A_URL = "Transcript creation error, audio_url should be a valid URL"


def require_audio_url(audio_url: Any) -> None:  # noqa: ANN401 - any JSON value
    """RequestInvalid where there is none, or one of another kind than we know.

    What is no text at all is left for the schema to refuse.
    """
    if audio_url is None or audio_url == "":
        raise RequestInvalid("Transcript creation error, audio_url not found")
    if not isinstance(audio_url, str) or is_object_url(audio_url):
        return
    if not audio_url.lower().startswith(("http://", "https://")):
        raise RequestInvalid("Transcript creation error, audio_url should start with http")


def require_source(audio_url: str, buckets: BucketPolicy, project_name: str) -> None:
    """RequestInvalid where the URL names nothing, or a bucket that the project may not name.

    Which buckets others may name is not told.
    """
    if not is_object_url(audio_url):
        if not names_host(audio_url):
            raise RequestInvalid(_NOT_A_URL)
        return
    scheme = audio_url.partition("://")[0].lower()
    if not buckets.has_any(project_name):
        raise RequestInvalid(
            f"audio_url with {scheme}:// is not available on this server: its operator has allowed "
            "no bucket to your project (EARSHOT_SOURCE_BUCKETS). Give a presigned https URL, or "
            "upload the file"
        )
    try:
        wanted = parse_object_url(audio_url)
    except AddressRefused as error:
        raise RequestInvalid(_NOT_A_URL) from error
    if not buckets.permits(wanted, project_name):
        raise RequestInvalid(
            f"audio_url names the bucket {scheme}://{wanted.bucket}, of which this server's "
            "operator has not allowed that object to your project"
        )
