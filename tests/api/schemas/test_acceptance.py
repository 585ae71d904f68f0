from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.api.schemas.acceptance import AcceptedRequest, accept_request
from earshot.api.schemas.availability import Abilities
from earshot.api.schemas.languages import ENGLISH_CODES
from earshot.api.schemas.transcript_request import TranscriptRequest
from earshot.errors import RequestInvalid
from earshot.transcript.options import (
    LanguageDetection,
    SpellingRule,
    TranscriptOptions,
    Vocabulary,
)

URL = "https://example.com/a.mp3"


def accept(**body: object) -> AcceptedRequest:
    return accept_request({"audio_url": URL, **body}, languages=ENGLISH_CODES, compat="lenient")


@pytest.mark.parametrize(
    ("audio_url", "sentence"),
    [
        (None, "Transcript creation error, audio_url not found"),
        ("", "Transcript creation error, audio_url not found"),
        ("ftp://x/a.mp3", "Transcript creation error, audio_url should start with http"),
        ("file:///etc/passwd", "Transcript creation error, audio_url should start with http"),
        ("a.mp3", "Transcript creation error, audio_url should start with http"),
        (" https://x", "Transcript creation error, audio_url should start with http"),
        ("httpx://x", "Transcript creation error, audio_url should start with http"),
        ("http://", "Transcript creation error, audio_url should be a valid URL"),
        ("https:///a.mp3", "Transcript creation error, audio_url should be a valid URL"),
        ("http://exa mple/a.mp3", "Transcript creation error, audio_url should be a valid URL"),
        ("http://[::1/a.mp3", "Transcript creation error, audio_url should be a valid URL"),
        (7, "audio_url must be a string"),
        (["https://x"], "audio_url must be a string"),
        ("https://x/\x00", "audio_url must not contain NUL characters or lone surrogates"),
    ],
)
def test_an_audio_url_that_is_none_is_refused_before_anything_else(
    audio_url: object, sentence: str
) -> None:
    with pytest.raises(RequestInvalid) as refused:
        accept(audio_url=audio_url, audio_start_from=9, audio_end_at=1)
    assert str(refused.value) == sentence


def test_a_missing_audio_url_is_refused() -> None:
    with pytest.raises(RequestInvalid, match=r"^Transcript creation error, audio_url not found$"):
        accept_request({}, languages=ENGLISH_CODES, compat="lenient")


def test_the_scheme_may_be_in_any_case() -> None:
    assert accept(audio_url="HTTPS://example.com/A").wire.audio_url == "HTTPS://example.com/A"


def test_a_bare_request_gets_the_default_options() -> None:
    accepted = accept()
    assert accepted.options == TranscriptOptions()
    assert accepted.echo == {}
    assert accepted.warnings == ()


def test_every_option_arrives_under_our_name() -> None:
    accepted = accept(
        language_code="en_uk",
        punctuate=False,
        format_text=False,
        disfluencies=True,
        remove_audio_tags="all",
        filter_profanity=True,
        custom_spelling=[{"from": ["k 8 s", "kates"], "to": "Kubernetes"}],
        audio_start_from=1000,
        audio_end_at=2000,
        speech_threshold=0.5,
        multichannel=True,
    )
    assert accepted.options == TranscriptOptions(
        language_code="en_uk",
        punctuate=False,
        format_text=False,
        disfluencies=True,
        remove_audio_tags=True,
        filter_profanity=True,
        custom_spelling=(SpellingRule(("k 8 s", "kates"), "Kubernetes"),),
        audio_start_ms=1000,
        audio_end_ms=2000,
        speech_threshold=0.5,
        split_channels=True,
    )


def test_dual_channel_splits_channels_too() -> None:
    assert accept(dual_channel=True).options.split_channels


def test_terms_become_the_vocabulary_and_are_echoed_as_sent() -> None:
    accepted = accept(word_boost=["Andrés", "Andrés"], boost_param="low")
    assert accepted.options.vocabulary == Vocabulary(("Andrés",), "low")
    assert accepted.echo == {"word_boost": ["Andrés", "Andrés"], "boost_param": "low"}
    assert not accepted.warnings


def test_terms_that_are_to_be_hidden_are_not_echoed() -> None:
    accepted = accept(
        redact_pii=True,
        redact_static_entities={"project": ["Blue Sky"]},
        word_boost=["Blue Sky"],
        redact_pii_policies=["date"],
    )
    assert accepted.echo == {"redact_pii": True, "redact_pii_policies": ["date"]}
    assert "Blue Sky" not in repr(accepted.warnings)
    assert accepted.options.vocabulary.terms == ("Blue Sky",)


def test_of_two_languages_the_other_than_english_is_transcribed_unless_one_is_named() -> None:
    assert accept(language_codes=["en_au", "en"]).options.language_code == "en_au"
    body = {"audio_url": URL, "language_codes": ["en", "es"]}
    mixed = accept_request(body, languages=ENGLISH_CODES | {"es"}, compat="lenient")
    assert mixed.options.language_code == "es"
    both = accept(language_codes=["en_au", "en"], language_code="en_uk")
    assert both.options.language_code == "en_uk"


def test_a_translation_is_accepted_where_the_engine_of_the_recording_makes_it() -> None:
    english = {"request": {"translation": {"target_languages": ["en"]}}}
    translating = Abilities(translates_speech=lambda options: options.language_code == "es")

    def submit(**body: object) -> AcceptedRequest:
        return accept_request(
            {"audio_url": URL, "speech_understanding": english, **body},
            languages=ENGLISH_CODES | {"es", "fr"},
            compat="lenient",
            abilities=translating,
        )

    assert submit(language_code="es").options.understanding.translation is not None
    with pytest.raises(RequestInvalid, match="it needs a language model"):
        submit(language_code="fr")
    hiding = {"redact_pii": True, "redact_static_entities": {"project": ["Cielo"]}}
    with pytest.raises(RequestInvalid, match="not available with redact_pii"):
        submit(language_code="es", **hiding)


def test_the_documented_sentence_comes_before_the_one_about_availability() -> None:
    with pytest.raises(RequestInvalid, match=r"^Only one of the following models"):
        accept(auto_chapters=True, summarization=True)
    with pytest.raises(RequestInvalid, match=r"unsupported characters$"):
        accept(word_boost=["🇸🇬"])
    with pytest.raises(RequestInvalid, match=r"^The following models are not available in this"):
        accept(language_code="es", auto_chapters=True)


def test_a_language_that_is_to_be_detected_wins_over_one_that_is_given() -> None:
    options = accept(language_code="es", language_detection=True).options
    assert options.language_detection == LanguageDetection()


def test_the_header_value_of_the_webhook_is_not_echoed() -> None:
    accepted = accept(
        webhook_url="https://x/hook?a=1",
        webhook_auth_header_name="X-Key",
        webhook_auth_header_value="s3cret",
    )
    assert accepted.echo == {
        "webhook_url": "https://x/hook?a=1",
        "webhook_auth_header_name": "X-Key",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
NAMES = st.sampled_from(sorted(TranscriptRequest.model_fields)) | st.text(max_size=8)


@given(body=st.dictionaries(NAMES, JSON, max_size=4))
def test_any_json_object_is_accepted_or_refused_with_a_sentence(body: dict[str, Any]) -> None:
    try:
        accept_request({"audio_url": URL, **body}, languages=ENGLISH_CODES, compat="lenient")
    except RequestInvalid as error:
        refusal = str(error)
    else:
        refusal = "none"
    assert refusal
