from typing import Any

import pytest

from earshot.api.schemas.mavi import MaviSource, parameters_of
from earshot.errors import RequestInvalid

URL = "https://example.com/a.mp3"


def test_the_parameters_of_v2_go_on_as_they_are() -> None:
    sent = {"provider": "assemblyai", "asset_id": "re_1", "url": "u", "source_url": "s"}
    asked = {"language_code": "de", "speaker_labels": True, "unknown": 1}
    assert parameters_of(sent | asked, URL) == asked | {"audio_url": URL}


@pytest.mark.parametrize(
    ("sent", "detects"),
    [
        ({}, True),
        ({"language_code": None}, True),
        ({"language_detection": True}, True),
        ({"language_detection": False}, False),
        ({"language_code": "en"}, None),
        ({"language_codes": ["en", "es"]}, None),
    ],
)
def test_the_language_is_found_out_where_none_is_given(
    sent: dict[str, Any], detects: bool | None
) -> None:
    assert parameters_of(sent, URL).get("language_detection") is detects


@pytest.mark.parametrize("model", [None, "informative", "conversational"])
def test_a_gist_goes_with_every_model(model: str | None) -> None:
    sent = {"summarization": True, "summary_type": "gist", "summary_model": model}
    assert parameters_of(sent, URL)["summary_model"] == "catchy"


def test_other_summaries_keep_their_model() -> None:
    sent = {"summary_type": "bullets", "summary_model": "informative"}
    assert parameters_of(sent, URL)["summary_model"] == "informative"


@pytest.mark.parametrize("provider", [None, "deepgram", 1, ""])
def test_there_is_one_provider(provider: object) -> None:
    with pytest.raises(RequestInvalid, match=r"^provider must be assemblyai$"):
        MaviSource.parse({"provider": provider, "url": URL})
