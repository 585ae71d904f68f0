from typing import Any

import pytest

from earshot.api.schemas.parameters import EchoedParameters
from earshot.errors import RequestInvalid

BOOLEANS = [
    "auto_chapters",
    "auto_highlights",
    "content_safety",
    "custom_topics",
    "disfluencies",
    "dual_channel",
    "entity_detection",
    "filter_profanity",
    "format_text",
    "iab_categories",
    "language_detection",
    "multichannel",
    "punctuate",
    "redact_pii",
    "redact_pii_audio",
    "redact_pii_return_unredacted",
    "sentiment_analysis",
    "speaker_labels",
    "summarization",
]

SPELLING = (
    'custom_spelling must be a list of objects with "from" (a string or a list of strings) '
    'and "to" (one word)'
)
WEBHOOK_URL = "webhook_url must be an http or https URL without a user name or password"
HEADER_NAME = "webhook_auth_header_name must be the name of an HTTP header that is not reserved"


@pytest.mark.parametrize("name", BOOLEANS)
@pytest.mark.parametrize("value", ["true", 1, 0, [], {}])
def test_what_is_no_boolean_is_refused_in_the_documented_words(name: str, value: object) -> None:
    with pytest.raises(RequestInvalid) as refused:
        EchoedParameters.parse({name: value})
    assert str(refused.value) == f"{name} must be a Boolean"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            {"content_safety_confidence": 24},
            "content_safety_confidence must be between 25 and 100 (inclusive).",
        ),
        (
            {"content_safety_confidence": 101},
            "content_safety_confidence must be between 25 and 100 (inclusive).",
        ),
        (
            {"language_confidence_threshold": 1.1},
            "language_confidence_threshold must be a number between 0 and 1 (inclusive)",
        ),
        ({"speech_threshold": -1}, "speech_threshold must be a number between 0 and 1 (inclusive)"),
        ({"temperature": 2}, "temperature must be a number between 0 and 1 (inclusive)"),
        (
            {"language_detection_options": {"code_switching_confidence_threshold": 2}},
            "language_detection_options.code_switching_confidence_threshold "
            "must be a number between 0 and 1 (inclusive)",
        ),
        (
            {"language_detection_options": {"on_low_language_confidence": "panic"}},
            "language_detection_options.on_low_language_confidence must be one of: error, fallback",
        ),
        ({"boost_param": "max"}, "boost_param must be one of: low, default, high"),
        ({"boost_param": ""}, "boost_param must be one of: low, default, high"),
        (
            {"summary_type": "poem"},
            "summary_type must be one of: bullets, bullets_verbose, gist, headline, paragraph",
        ),
        (
            {"summary_model": "dull"},
            "summary_model must be one of: informative, conversational, catchy",
        ),
        ({"redact_pii_sub": "smudge"}, "redact_pii_sub must be one of: hash, entity_name"),
        ({"redact_pii_audio_quality": "ogg"}, "redact_pii_audio_quality must be one of: mp3, wav"),
        ({"remove_audio_tags": "some"}, "remove_audio_tags must be one of: all"),
        ({"domain": "law"}, "domain must be one of: medical-v1"),
        ({"speakers_expected": 0}, "speakers_expected must be an integer between 1 and 2147483647"),
        (
            {"speaker_options": {"min_speakers_expected": 0}},
            "speaker_options.min_speakers_expected must be an integer between 1 and 2147483647",
        ),
        (
            {"keyterms_prompt_options": {"keyterms_match_strength": "weak"}},
            "keyterms_prompt_options.keyterms_match_strength must be one of: high, standard",
        ),
        (
            {"redact_static_entities": ["a"]},
            "redact_static_entities must be an object of lists of strings",
        ),
        ({"custom_spelling": "x"}, SPELLING),
        ({"custom_spelling": [{"to": "b"}]}, SPELLING),
        ({"custom_spelling": [{"from": ["a"]}]}, SPELLING),
        ({"custom_spelling": [{"from": [], "to": "b"}]}, SPELLING),
        ({"custom_spelling": [{"from": [" "], "to": "b"}]}, SPELLING),
        ({"custom_spelling": [{"from": ["a"], "to": "two words"}]}, SPELLING),
        ({"custom_spelling": [{"from": ["a"], "to": "b\n"}]}, SPELLING),
        ({"webhook_url": "example.com/hook"}, WEBHOOK_URL),
        ({"webhook_url": "ftp://example.com"}, WEBHOOK_URL),
        ({"webhook_url": "https://"}, WEBHOOK_URL),
        ({"webhook_url": "https:///hook"}, WEBHOOK_URL),
        ({"webhook_url": "https://exa mple.com/hook"}, WEBHOOK_URL),
        ({"webhook_url": "https://example.com/hook\n"}, WEBHOOK_URL),
        ({"webhook_url": "https://example.com:0/"}, WEBHOOK_URL),
        ({"webhook_url": "https://me:secret@example.com/"}, WEBHOOK_URL),
        ({"webhook_url": "http://[::1"}, WEBHOOK_URL),
        ({"webhook_url": "http://example.com:99999/"}, WEBHOOK_URL),
        ({"webhook_auth_header_name": ""}, HEADER_NAME),
        ({"webhook_auth_header_name": "X Key"}, HEADER_NAME),
        ({"webhook_auth_header_name": "X-Key\r\nHost"}, HEADER_NAME),
        ({"webhook_auth_header_name": "X-Key\n"}, HEADER_NAME),
        ({"webhook_auth_header_name": "Content-Length"}, HEADER_NAME),
        ({"webhook_auth_header_name": "host"}, HEADER_NAME),
    ],
)
def test_a_value_outside_of_its_rule_is_refused_with_the_rule(
    body: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(RequestInvalid) as refused:
        EchoedParameters.parse(body)
    assert str(refused.value) == sentence


def test_a_spelling_may_come_as_a_string_and_goes_out_as_a_list() -> None:
    parsed = EchoedParameters.parse({"custom_spelling": [{"from": "s q l", "to": "SQL"}]})
    assert parsed.model_dump(by_alias=True)["custom_spelling"] == [{"from": ["s q l"], "to": "SQL"}]


def test_spellings_that_the_published_prose_has_wrong_are_understood() -> None:
    parsed = EchoedParameters.parse(
        {
            "redact_pii_sub": "entity_type",
            "language_detection_options": {"fallback_language": ["auto"]},
        }
    )
    assert parsed.redact_pii_sub == "entity_name"
    assert parsed.language_detection_options is not None
    assert parsed.language_detection_options.fallback_language == "auto"


def test_the_defaults_are_those_of_the_compatible_api() -> None:
    defaults = EchoedParameters.parse({}).model_dump()
    assert [name for name, value in defaults.items() if value is True] == [
        "punctuate",
        "format_text",
    ]
    assert {name for name, value in defaults.items() if value is False} == set(BOOLEANS) - {
        "punctuate",
        "format_text",
    }
    assert defaults["language_code"] == "en_us"
