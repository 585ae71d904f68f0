from typing import Any

import pytest

from earshot.api.schemas.availability import NOT_AVAILABLE_YET, require_available, warnings_of
from earshot.api.schemas.languages import ENGLISH_CODES
from earshot.api.schemas.parameters import EchoedParameters
from earshot.api.schemas.transcript_request import TranscriptRequest
from earshot.errors import LanguageNotInstalled, RequestInvalid, SpeakersNotInstalled

ASKING = {
    "domain": "medical-v1",
}

# What this server does, or needs no doing.
HONOURED = """
language_code language_codes language_detection speech_model speech_models punctuate format_text
disfluencies remove_audio_tags filter_profanity custom_spelling multichannel dual_channel
speaker_labels speakers_expected speaker_options
audio_start_from audio_end_at speech_threshold word_boost keyterms_prompt prompt webhook_url
auto_highlights auto_chapters summarization entity_detection iab_categories
content_safety custom_topics
sentiment_analysis
redact_pii redact_pii_policies redact_static_entities redact_pii_return_unredacted redact_pii_audio
"""


def request(**parameters: object) -> TranscriptRequest:
    return TranscriptRequest.parse({"audio_url": "https://example.com/a.mp3", **parameters})


def refusal(languages: frozenset[str] = ENGLISH_CODES, /, **parameters: object) -> str:
    with pytest.raises((RequestInvalid, LanguageNotInstalled)) as refused:
        require_available(request(**parameters), languages=languages)
    return str(refused.value)


def test_the_examples_here_cover_every_feature_that_is_not_available() -> None:
    assert set(ASKING) == set(NOT_AVAILABLE_YET)


@pytest.mark.parametrize("name", NOT_AVAILABLE_YET)
def test_a_feature_that_is_not_available_is_refused_by_name(name: str) -> None:
    assert refusal(**{name: ASKING[name]}) == f"{name} is not available on this server yet"


def test_redaction_is_refused_in_languages_in_which_secrets_would_stay_readable() -> None:
    told = "The following models are not available in this language: redact_pii"
    languages = ENGLISH_CODES | {"es", "ja"}
    policies = {"redact_pii": True, "redact_pii_policies": ["email_address"]}
    terms = {"redact_pii": True, "redact_static_entities": {"x": ["Blue Sky"]}}
    assert refusal(languages, language_code="es", **policies) == told
    assert refusal(languages, language_codes=["en", "es"], **policies) == told
    assert refusal(languages, language_code="ja", **terms) == told
    for accepted in (
        request(language_code="es", **terms),
        request(language_code="es", redact_pii=True),
        request(language_code="en_uk", **policies),
        request(language_detection=True, **policies),  # fails when another language is heard
    ):
        require_available(accepted, languages=languages)


def test_what_needs_a_language_model_is_refused_where_none_works_for_the_project() -> None:
    german = {"request": {"translation": {"target_languages": ["de"]}}}
    assert "translation is not available" in refusal(speech_understanding=german)
    wire = request(speech_understanding=german)
    require_available(wire, languages=ENGLISH_CODES, has_language_model=True)


def test_what_is_of_utterances_has_no_effect_without_them() -> None:
    asked = {
        "translation": {"target_languages": ["de"], "match_original_utterance": True},
        "custom_formatting": {"date": "mm/dd/yyyy", "format_utterances": True},
    }
    told = warnings_of(request(speech_understanding={"request": asked}))
    assert told == (
        "speech_understanding.request.translation.match_original_utterance has no effect "
        "without speaker_labels",
        "speech_understanding.request.custom_formatting.format_utterances has no effect "
        "without speaker_labels",
    )
    for by in ("speaker_labels", "multichannel"):
        assert warnings_of(request(speech_understanding={"request": asked}, **{by: True})) == ()


@pytest.mark.parametrize("idle", [False, None, [], {}, ""])
def test_a_feature_that_is_not_asked_for_passes(idle: object) -> None:
    for name in NOT_AVAILABLE_YET:
        try:
            wire = request(**{name: idle})
        except RequestInvalid:
            continue  # not of the parameter's type
        require_available(wire, languages=ENGLISH_CODES)
        assert warnings_of(wire) == ()


@pytest.mark.parametrize("code", sorted(ENGLISH_CODES))
def test_every_kind_of_english_passes(code: str) -> None:
    wire = request(language_code=code, disfluencies=True, filter_profanity=True)
    require_available(wire, languages=ENGLISH_CODES)


def test_a_language_without_a_model_is_refused_with_the_model_to_pull() -> None:
    assert refusal(language_code="es") == (
        "language_code 'es' is not available on this server: no installed model transcribes it. "
        "Run: earshot models pull whisper-small"
    )
    assert refusal(language_codes=["en", "fr"]).startswith("language_codes 'fr' is not available")


def test_a_language_that_an_installed_model_has_passes() -> None:
    require_available(request(language_code="es"), languages=ENGLISH_CODES | {"es"})


def test_a_model_that_does_not_exist_in_a_language_is_refused_in_the_documented_words() -> None:
    assert (
        refusal(language_code="ta", speaker_labels=True)
        == "The following models are not available in this language: speaker_labels"
    )
    assert (
        refusal(frozenset({"es"}), language_code="es", auto_highlights=True, auto_chapters=True)
        == "The following models are not available in this language: auto_highlights, auto_chapters"
    )


def test_speakers_are_refused_with_the_model_to_pull_where_none_tells_them_apart() -> None:
    wire = request(speaker_labels=True)
    with pytest.raises(SpeakersNotInstalled, match="Run: earshot models pull pyannote"):
        require_available(wire, languages=ENGLISH_CODES, tells_speakers=False)
    require_available(wire, languages=ENGLISH_CODES, tells_speakers=True)
    require_available(request(), languages=ENGLISH_CODES, tells_speakers=False)


@pytest.mark.parametrize(
    ("parameters", "warning"),
    [
        ({"custom_topics": True}, "custom_topics has no effect without topics"),
        ({"topics": ["sports"]}, "topics has no effect without custom_topics"),
        (
            {"temperature": 0.5},
            "temperature has no effect: the models of this server do not sample",
        ),
        ({"boost_param": "high"}, "boost_param has no effect without word_boost"),
        (
            {"language_confidence_threshold": 0.4},
            "language_confidence_threshold has no effect without language_detection",
        ),
        (
            {"language_detection_options": {"code_switching": True}},
            "language_detection_options has no effect without language_detection",
        ),
        ({"speakers_expected": 2}, "speakers_expected has no effect without speaker_labels"),
        (
            {"speaker_options": {"min_speakers_expected": 2}},
            "speaker_options has no effect without speaker_labels",
        ),
        (
            {"content_safety_confidence": 60},
            "content_safety_confidence has no effect without content_safety",
        ),
        ({"summary_model": "catchy"}, "summary_model has no effect without summarization"),
        ({"summary_type": "gist"}, "summary_type has no effect without summarization"),
        ({"redact_pii_policies": ["date"]}, "redact_pii_policies has no effect without redact_pii"),
        ({"redact_pii": True}, "redact_pii has no effect without redact_pii_policies"),
        ({"redact_pii_sub": "entity_name"}, "redact_pii_sub has no effect without redact_pii"),
        (
            {"redact_pii_return_unredacted": True},
            "redact_pii_return_unredacted has no effect without redact_pii",
        ),
        ({"redact_pii_audio": True}, "redact_pii_audio has no effect without redact_pii"),
        (
            {"redact_pii_audio_quality": "wav"},
            "redact_pii_audio_quality has no effect without redact_pii_audio",
        ),
        (
            {"redact_pii_audio_options": {"return_redacted_no_speech_audio": True}},
            "redact_pii_audio_options has no effect without redact_pii_audio",
        ),
        (
            {"keyterms_prompt_options": {"keyterms_match_strength": "high"}},
            "keyterms_prompt_options has no effect without keyterms_prompt",
        ),
        (
            {"webhook_auth_header_name": "X-Key"},
            "webhook_auth_header_name has no effect without webhook_auth_header_value",
        ),
        (
            {"webhook_auth_header_value": "s3cret"},
            "webhook_auth_header_value has no effect without webhook_auth_header_name",
        ),
        (
            {"speech_model": "universal-9"},
            "speech_model 'universal-9' is not known to this server and was passed over",
        ),
        (
            {"speech_models": ["universal-9", "universal-2"]},
            "speech_models 'universal-9' is not known to this server and was passed over",
        ),
    ],
)
def test_what_changes_nothing_is_accepted_and_said(
    parameters: dict[str, Any], warning: str
) -> None:
    wire = request(**parameters)
    require_available(wire, languages=ENGLISH_CODES)
    assert warnings_of(wire) == (warning,)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"temperature": 0},
        {"boost_param": "default"},
        {"content_safety_confidence": 50},
        {"summary_model": "informative", "summary_type": "bullets"},
        {"redact_pii_sub": "hash", "redact_pii_audio_quality": "mp3"},
        {"webhook_auth_header_name": "X-Key", "webhook_auth_header_value": "s3cret"},
        {"speech_model": "nano"},
    ],
)
def test_a_default_that_is_spelled_out_is_no_cause_for_a_warning(
    parameters: dict[str, Any],
) -> None:
    assert warnings_of(request(**parameters)) == ()


def test_every_documented_parameter_is_honoured_or_refused_or_warned_about() -> None:
    warned = {
        "custom_topics",
        "topics",
        "temperature",
        "language_confidence_threshold",
        "language_detection_options",
        "keyterms_prompt_options",
        "boost_param",
        "content_safety_confidence",
        "summary_model",
        "summary_type",
        "redact_pii_sub",
        "redact_pii_audio_quality",
        "redact_pii_audio_options",
        "webhook_auth_header_name",
    }
    covered = set(HONOURED.split()) | set(NOT_AVAILABLE_YET) | warned
    assert set(EchoedParameters.model_fields) <= covered
