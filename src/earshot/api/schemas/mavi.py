"""The bodies of the wrapper API of MAVI: a transcript of `/v2`, in an envelope."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel

from earshot.api.schemas.parameters import EchoedParameters
from earshot.api.schemas.transcript import TranscriptBody
from earshot.api.schemas.wire import Must, Text, WireModel

DataT = TypeVar("DataT")

NO_SOURCE: Final = "one of asset_id, url and source_url must be given"

_OF_MAVI: Final = ("provider", "asset_id", "url", "source_url")


class MaviSource(WireModel):
    """Which recording, and that we are asked; the first of the three that is given counts."""

    provider: Annotated[Literal["assemblyai"], Must("assemblyai")]
    """Whose API the parameters are of."""
    asset_id: Text = None
    """What `POST /serve/api/v2/assets` answered."""
    url: Text = None
    """As `audio_url` of `POST /v2/transcript`."""
    source_url: Text = None
    """As `url`."""


class MaviRequest(MaviSource, EchoedParameters):
    """What to transcribe, and how: the parameters of `POST /v2/transcript` beside a source."""

    language_code: Text = None
    """Language of the speech. Found out where it is not given."""
    webhook_auth_header_value: Text = None
    """Value of the extra header of the webhook. It is never returned."""


class MaviBody(BaseModel):
    """The envelope of every answer."""

    code: int
    """The status of the answer."""
    msg: str
    failed: bool
    success: bool


class MaviTranscriptBody(MaviBody):
    """A completed transcript."""

    data: TranscriptBody


class AssetBody(BaseModel):
    """A stored recording."""

    asset_id: str
    """For the `asset_id` of requests with keys of the same project."""


class MaviAssetBody(MaviBody):
    """An asset that was stored."""

    data: AssetBody


class MaviErrorBody(MaviBody):
    """What every error answers."""

    data: None = None


def parameters_of(body: Mapping[str, Any], audio_url: str) -> dict[str, Any]:
    """The body of `POST /v2/transcript` that asks for the same.

    Two things differ: "language_code: auto-detect when omitted", and the summary type `gist` goes
    with every model, of which here only one writes it.
    """
    parameters = {name: value for name, value in body.items() if name not in _OF_MAVI}
    parameters["audio_url"] = audio_url
    names_language = parameters.get("language_code") or parameters.get("language_codes")
    if not names_language and parameters.get("language_detection") is None:
        parameters["language_detection"] = True
    if parameters.get("summary_type") == "gist":
        parameters["summary_model"] = "catchy"
    return parameters
