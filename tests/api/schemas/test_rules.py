from typing import Any

import pytest

from earshot.api.schemas.rules import require_rules
from earshot.api.schemas.transcript_request import TranscriptRequest
from earshot.errors import RequestInvalid

CONVERSATION = {
    "summarization": True,
    "summary_model": "conversational",
    "summary_type": "paragraph",
}
LONG_LIST = [f"term {number}" for number in range(1001)]


def request(**parameters: object) -> TranscriptRequest:
    return TranscriptRequest.parse({"audio_url": "https://example.com/a.mp3", **parameters})


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        (
            {"auto_chapters": True, "summarization": True},
            "Only one of the following models can be enabled at a time: "
            "auto_chapters, summarization.",
        ),
        (
            {"auto_chapters": True, "punctuate": False},
            "If `auto_chapters` is enabled, then `punctuate` must not be disabled",
        ),
        (
            {"summarization": True, "punctuate": False},
            "If `summarization` is enabled, then `punctuate` must not be disabled",
        ),
        (
            {"summarization": True, "format_text": False},
            "If `summarization` is enabled, then `format_text` must not be disabled",
        ),
        (
            {"summarization": True, "summary_model": "catchy"},
            "summary_type must be given together with summary_model",
        ),
        (
            {"summarization": True, "summary_type": "gist"},
            "summary_model must be given together with summary_type",
        ),
        (
            {"summarization": True, "summary_model": "catchy", "summary_type": "bullets"},
            "summary_type must be one of: headline, gist when summary_model is catchy",
        ),
        (
            {"summarization": True, "summary_model": "informative", "summary_type": "gist"},
            "summary_type must be one of: bullets, bullets_verbose, headline, paragraph "
            "when summary_model is informative",
        ),
        (
            CONVERSATION,
            "`speaker_labels` or `dual_channel` must be enabled for 'conversational' summaries.",
        ),
        (
            {"speaker_labels": True, "dual_channel": True},
            "speaker_labels must be false when dual_channel is true",
        ),
        (
            {"speaker_options": {"min_speakers_expected": 3, "max_speakers_expected": 2}},
            "max_speakers_expected must be greater than or equal to min_speakers_expected",
        ),
        (
            {"audio_start_from": 5000, "audio_end_at": 5000},
            "audio_end_at must be greater than audio_start_from",
        ),
        ({"audio_end_at": 0}, "audio_end_at must be greater than audio_start_from"),
        (
            {"word_boost": ["fine", "🇸🇬"]},
            "'🇸🇬' was included in the word boost list but contains unsupported characters",
        ),
        (
            {"word_boost": ["日本"]},
            "'日本' was included in the word boost list but contains unsupported characters",
        ),
        (
            {"word_boost": ["one two three four five six seven"]},
            "word_boost must be a list of at most 1000 unique terms of at most 6 words each",
        ),
        (
            {"word_boost": LONG_LIST},
            "word_boost must be a list of at most 1000 unique terms of at most 6 words each",
        ),
        (
            {"keyterms_prompt": LONG_LIST},
            "keyterms_prompt must be a list of at most 1000 unique terms of at most 6 words each",
        ),
        (
            {"keyterms_prompt": ["fine", "x" * 201]},
            "keyterms_prompt must be a list of terms of at most 200 characters each",
        ),
        (
            {"word_boost": ["fine", "a" + "\u0301\u0316" * 1_000_000]},
            "word_boost must be a list of terms of at most 200 characters each",
        ),
        (
            {"topics": ["fine", "x" * 201]},
            "topics must be a list of terms of at most 200 characters each",
        ),
        (
            {"custom_spelling": [{"from": ["fine"], "to": "x" * 201}]},
            'custom_spelling must have at most 200 characters in each "from" and "to"',
        ),
        (
            {"custom_spelling": [{"from": ["x" * 201], "to": "b"}]},
            'custom_spelling must have at most 200 characters in each "from" and "to"',
        ),
        ({"prompt": "x" * 30_001}, "prompt must be at most 30000 characters"),
        (
            {"custom_spelling": [{"from": ["fine", "a " * 21], "to": "b"}]},
            'custom_spelling must have at most 20 words in each "from"',
        ),
        (
            {"prompt": "a", "keyterms_prompt": ["b"]},
            "prompt must be absent when keyterms_prompt is given",
        ),
        (
            {"keyterms_prompt": LONG_LIST[:201], "speech_models": ["universal-2"]},
            "keyterms_prompt must be a list of at most 200 unique terms of at most 6 words each",
        ),
        ({"prompt": "word " * 1501}, "prompt must be at most 1500 words"),
        (
            {"language_code": "xx"},
            "language_code must be a language code of the API, such as en_us or es",
        ),
        (
            {"language_code": "en-US"},
            "language_code must be a language code of the API, such as en_us or es",
        ),
        (
            {"language_codes": ["en", "xx"]},
            "language_codes must be a language code of the API, such as en_us or es",
        ),
        (
            {"language_codes": ["es", "fr"]},
            "language_codes must be at most 2 language codes, one of them en",
        ),
        (
            {"language_codes": ["en", "es", "fr"]},
            "language_codes must be at most 2 language codes, one of them en",
        ),
        (
            {
                "language_detection_options": {
                    "expected_languages": ["en", "es"],
                    "fallback_language": "fr",
                }
            },
            "language_detection_options.fallback_language must be auto "
            "or one of expected_languages",
        ),
    ],
)
def test_a_combination_that_the_api_refuses_is_refused_in_its_words(
    parameters: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(RequestInvalid) as refused:
        require_rules(request(**parameters), strict_2025=False)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"summarization": True},
        {"summary_model": "catchy", "summary_type": "bullets"},
        {**CONVERSATION, "speaker_labels": True},
        {**CONVERSATION, "dual_channel": True},
        {**CONVERSATION, "multichannel": True},
        {"speaker_labels": True, "multichannel": True},
        {"audio_start_from": 5000},
        {"audio_start_from": 0, "audio_end_at": 1},
        {"word_boost": ["Café au lait", *["same"] * 2000]},
        {"keyterms_prompt": LONG_LIST[:1000], "speech_models": ["universal-3-pro", "universal-2"]},
        {"language_code": "yue"},
        {"language_codes": ["es", "en"]},
        {"language_detection_options": {"fallback_language": "fr"}},
        {"language_detection": True, "language_code": "es"},
        {"content_safety_confidence": 60, "redact_pii_audio": True},
    ],
)
def test_a_combination_that_no_rule_forbids_passes(parameters: dict[str, Any]) -> None:
    require_rules(request(**parameters), strict_2025=False)


def test_the_generation_of_2025_refuses_speakers_on_separate_channels() -> None:
    with pytest.raises(RequestInvalid, match=r"^speaker_labels must be false when multichannel"):
        require_rules(request(speaker_labels=True, multichannel=True), strict_2025=True)


def test_the_generation_of_2025_counts_the_words_of_key_terms() -> None:
    phrases = [f"the term {number}" for number in range(334)]
    with pytest.raises(RequestInvalid, match=r"^keyterms_prompt must be .* at most 1000 words"):
        require_rules(request(keyterms_prompt=phrases), strict_2025=True)
    require_rules(request(keyterms_prompt=phrases[:333]), strict_2025=True)
    require_rules(request(keyterms_prompt=phrases), strict_2025=False)
