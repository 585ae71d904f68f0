import struct

import pytest

from earshot.api.schemas.languages import LANGUAGE_CODES
from earshot.api.schemas.sync import (
    LANGUAGES,
    MAX_KEYTERMS_CHARACTERS,
    MAX_PROMPT_CHARACTERS,
    WAV_HEADER,
    SyncConfig,
    sync_body,
)
from earshot.errors import RequestInvalid
from earshot.transcript.options import LanguageDetection
from tests.api.conftest import result_of


def test_without_a_config_it_is_english_by_any_model() -> None:
    options = SyncConfig().options(None)
    assert (options.language_code, options.language_detection) == ("en", None)
    assert (options.speech_models, options.vocabulary.terms) == ((), ())


def test_one_language_is_taken_and_several_are_told_apart() -> None:
    assert SyncConfig.parse({"language_codes": ["fr"]}).options(None).language_code == "fr"
    twice = SyncConfig.parse({"language_codes": ["fr", "fr"]})
    assert twice.options(None).language_detection is None
    several = SyncConfig.parse({"language_codes": ["fr", "de"]}).options(None)
    assert several.language_detection == LanguageDetection(expected_languages=("fr", "de"))


def test_the_languages_are_those_of_the_api() -> None:
    assert len(LANGUAGES) == 19
    assert set(LANGUAGES) <= LANGUAGE_CODES


def test_terms_are_listened_for_once_each() -> None:
    config = SyncConfig.parse(
        {"keyterms_prompt": ["Vogon  poetry", ""], "prompt": "He read vogon poetry to Marvin."}
    )
    assert config.options(None).vocabulary.terms == ("Vogon poetry", "Marvin")


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": "a" * (MAX_PROMPT_CHARACTERS + 1)},
        {"keyterms_prompt": ["a" * 1025, "a" * (MAX_KEYTERMS_CHARACTERS - 1024)]},
        {"keyterms_prompt": ["a" * 201]},
        {"keyterms_prompt": [f"term{n}" for n in range(1001)]},
        {"language_codes": ["en", "tlh"]},
    ],
)
def test_what_is_too_much_or_unknown_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(RequestInvalid, match=next(iter(fields))):
        SyncConfig.parse(fields).options(None)


def test_a_long_context_is_no_error_and_has_no_effect() -> None:
    config = SyncConfig.parse({"conversation_context": ["a" * 5000] * 200})
    [warning] = config.warnings
    assert warning.startswith("conversation_context has no effect")
    assert SyncConfig.parse({"conversation_context": []}).warnings == ()


def test_the_header_says_how_much_there_is_without_half_samples() -> None:
    header = SyncConfig(sample_rate=48_000, channels=2).wav_header(4 * 48_000 + 3)
    assert len(header) == WAV_HEADER.size == 44
    assert struct.unpack_from("<HHIIHH", header, 20) == (1, 2, 48_000, 192_000, 4, 16)
    assert struct.unpack_from("<I", header, 40) == (4 * 48_000,)


def test_a_body_without_warnings_has_no_metadata() -> None:
    body = sync_body(result_of("Hello."), SyncConfig(), "id", 12.345)
    assert body.model_dump() == {
        "text": "Hello.",
        "words": [{"text": "Hello.", "confidence": 0.9}],
        "confidence": 0.9,
        "audio_duration_ms": 1280,
        "session_id": "id",
        "request_time_ms": 12.3,
    }
