from typing import Any

import pytest

from earshot.api.schemas.language_detection import (
    detected_fields,
    detection_of,
    detection_warnings,
    require_detection_rules,
    require_languages_to_detect,
)
from earshot.api.schemas.languages import ENGLISH_CODES
from earshot.api.schemas.transcript_request import TranscriptRequest
from earshot.errors import LanguageNotInstalled, RequestInvalid
from earshot.transcript.options import LanguageDetection
from earshot.transcript.result import LanguageFinding, TranscriptResult

OPTIONS = "language_detection_options"


def request(**parameters: object) -> TranscriptRequest:
    return TranscriptRequest.parse({"audio_url": "https://example.com/a.mp3", **parameters})


def detecting(**options: object) -> TranscriptRequest:
    return request(language_detection=True, language_detection_options=options)


def test_nothing_is_detected_unless_it_is_asked_for() -> None:
    assert detection_of(request(language_detection_options={"code_switching": True})) is None
    assert detection_of(request(language_detection=True)) == LanguageDetection()


def test_every_option_is_read() -> None:
    wire = request(
        language_detection=True,
        language_confidence_threshold=0.4,
        language_detection_options={
            "expected_languages": ["en", "es"],
            "fallback_language": ["es"],
            "code_switching": True,
            "code_switching_confidence_threshold": 0,
            "on_low_language_confidence": "fallback",
            "swiss_german": True,
        },
    )
    assert detection_of(wire) == LanguageDetection(
        0.4, ("en", "es"), "es", True, True, 0.0, swiss_german=True
    )


def test_all_languages_and_an_automatic_fallback_are_the_defaults() -> None:
    wire = detecting(expected_languages=["all"], fallback_language="auto")
    assert detection_of(wire) == LanguageDetection()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"expected_languages": ["en", "klingon"]},
            f"{OPTIONS}.expected_languages must be language codes of the API, such as en_us or es",
        ),
        (
            {"expected_languages": ["en", "es"], "fallback_language": "fr"},
            f"{OPTIONS}.fallback_language must be auto or one of expected_languages",
        ),
        (
            {"fallback_language": "klingon"},
            f"{OPTIONS}.fallback_language must be auto or one of expected_languages",
        ),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RequestInvalid) as refused:
        require_detection_rules(detecting(**options))
    assert str(refused.value) == sentence


def test_what_could_never_be_transcribed_is_refused_at_once() -> None:
    for name, value in (("expected_languages", ["fr", "es"]), ("fallback_language", "fr")):
        with pytest.raises(LanguageNotInstalled, match=f"{OPTIONS}.{name} 'fr' is not available"):
            require_languages_to_detect(detecting(**{name: value}), ENGLISH_CODES)
    require_languages_to_detect(detecting(expected_languages=["fr", "en"]), ENGLISH_CODES)
    require_languages_to_detect(detecting(fallback_language="fr"), ENGLISH_CODES | {"fr"})
    require_languages_to_detect(
        request(language_detection_options={"fallback_language": "fr"}), ENGLISH_CODES
    )


def test_a_model_for_detection_cannot_be_chosen_and_the_caller_is_told() -> None:
    assert detection_warnings(detecting(language_detection_model="best")) == [
        f"{OPTIONS}.language_detection_model has no effect"
    ]
    assert detection_warnings(detecting()) == []


def test_a_threshold_of_code_switching_wants_code_switching() -> None:
    alone = detecting(code_switching_confidence_threshold=0.5)
    assert detection_warnings(alone) == [
        f"{OPTIONS}.code_switching_confidence_threshold has no effect without code_switching"
    ]
    together = detecting(code_switching_confidence_threshold=0.5, code_switching=True)
    assert detection_warnings(together) == []


def test_a_given_language_leaves_the_fields_of_detection_alone() -> None:
    assert detected_fields(TranscriptResult((), None, 1, None, "en_us", "scripted")) == {}


def test_a_detected_language_is_told_with_its_confidence() -> None:
    finding = LanguageFinding(0.75)
    result = TranscriptResult((), None, 1, None, "en", "w", language_finding=finding)
    assert detected_fields(result) == {"language_code": "en", "language_confidence": 0.75}


def test_languages_that_speech_switches_between_bear_their_code_under_both_names() -> None:
    finding = LanguageFinding(0.4, (("en", 0.6), ("es", 0.4)))
    result = TranscriptResult((), None, 1, None, "es", "w", language_finding=finding)
    assert detected_fields(result)["language_detection_results"] == {
        "code_switching_languages": [
            {"language": "en", "language_code": "en", "confidence": 0.6},
            {"language": "es", "language_code": "es", "confidence": 0.4},
        ]
    }
