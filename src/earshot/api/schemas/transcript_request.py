"""The body of `POST /v2/transcript`."""

from typing import Annotated

from pydantic import Field

from earshot.api.schemas.parameters import EchoedParameters
from earshot.api.schemas.speech_understanding import SpeechUnderstandingParameters
from earshot.api.schemas.wire import Must


class TranscriptRequest(EchoedParameters):
    """What to transcribe, and how. Unknown fields are ignored; null is the same as absent."""

    audio_url: Annotated[str, Must("a string")]
    """An `upload_url` of this server, any http or https URL of a recording, or a link that Google
    Drive or Dropbox gives for sharing one; `s3://`, `gs://` and `az://` of allowed buckets."""
    webhook_auth_header_value: Annotated[
        # RFC 9110, 5.5, without what is not ASCII: nothing that could break out of the header.
        Annotated[str, Field(pattern=r"^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$")] | None,
        Must("printable ASCII without line breaks or surrounding spaces"),
    ] = None
    """Value of the extra header of the webhook. It is never returned."""
    speech_understanding: Annotated[SpeechUnderstandingParameters | None, Must("an object")] = None
    """Translate the text, name its speakers, write its values in a form of yours."""
