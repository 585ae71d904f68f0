import pytest

from earshot.api.compat import Compat
from earshot.api.schemas.speech_models import (
    asked_speech_models,
    require_speech_models,
    shown_speech_model,
)
from earshot.api.schemas.transcript_request import TranscriptRequest
from earshot.errors import RequestInvalid

DEPRECATED = (
    'speech_model is deprecated. Use "speech_models" instead. See documentation: '
    "https://www.assemblyai.com/docs/pre-recorded-audio/select-the-speech-model"
)
NON_EMPTY = (
    '"speech_models" must be a non-empty list containing one or more of: '
    '"universal-3-pro", "universal-2", "universal-3-5-pro"'
)


def request(**parameters: object) -> TranscriptRequest:
    return TranscriptRequest.parse({"audio_url": "https://example.com/a.mp3", **parameters})


@pytest.mark.parametrize("name", ["best", "nano", "slam-1", "universal"])
@pytest.mark.parametrize("compat", ["2025", "lenient"])
def test_a_tier_of_2025_is_accepted_and_shown(name: str, compat: Compat) -> None:
    wire = request(speech_model=name)
    require_speech_models(wire, compat=compat)
    assert shown_speech_model(wire, compat=compat) == {}


def test_a_tier_that_clients_cannot_parse_is_accepted_and_shown_as_null() -> None:
    wire = request(speech_model="universal-2")
    require_speech_models(wire, compat="lenient")
    assert shown_speech_model(wire, compat="lenient") == {"speech_model": None}


@pytest.mark.parametrize(
    ("compat", "parameters", "sentence"),
    [
        ("2026", {"speech_model": "best"}, DEPRECATED),
        (
            "2025",
            {"speech_model": "universal-2"},
            "speech_model must be one of: best, nano, slam-1, universal",
        ),
        ("lenient", {"speech_models": []}, NON_EMPTY),
        ("lenient", {"speech_models": ["whisper"]}, NON_EMPTY),
        ("2025", {"speech_models": ["whisper"]}, NON_EMPTY),
        ("2026", {"speech_models": [""]}, NON_EMPTY),
    ],
)
def test_a_tier_that_the_generation_does_not_have_is_refused_in_its_words(
    compat: Compat, parameters: dict[str, object], sentence: str
) -> None:
    with pytest.raises(RequestInvalid) as refused:
        require_speech_models(request(**parameters), compat=compat)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "names", [["universal-3-pro", "universal-2"], ["universal-3-5-pro"], ["best"], ["x", "slam-1"]]
)
def test_a_list_with_one_known_tier_is_accepted(names: list[str]) -> None:
    require_speech_models(request(speech_models=names), compat="lenient")


def test_the_generation_of_2026_shows_its_default_list() -> None:
    assert shown_speech_model(request(), compat="2026") == {
        "speech_models": ["universal-3-5-pro", "universal-2"]
    }
    assert shown_speech_model(request(), compat="lenient") == {}


@pytest.mark.parametrize(
    ("parameters", "asked"),
    [
        ({}, ()),
        ({"speech_model": "nano"}, ("nano",)),
        ({"speech_models": ["universal-3-pro", "universal-2"]}, ("universal-3-pro", "universal-2")),
        ({"speech_model": "nano", "speech_models": ["universal-2"]}, ("universal-2",)),
        ({"speech_models": ["whisper-9", "best"]}, ("best",)),
    ],
)
def test_the_tiers_that_exist_are_asked_for_in_their_order(
    parameters: dict[str, object], asked: tuple[str, ...]
) -> None:
    assert asked_speech_models(request(**parameters)) == asked
