from typing import Any

import pytest

from earshot.api.schemas.speech_understanding import (
    SpeechUnderstandingParameters,
    UnderstandingCheck,
    UnderstandingRequest,
    require_model_for,
    require_speakers,
    require_speech_understanding,
    without_names,
)
from earshot.errors import RequestInvalid
from earshot.transcript.options import (
    SpeakerCandidate,
    SpeakerNaming,
    TranslationOptions,
    UnderstandingOptions,
    ValueFormats,
)


def parsed(request: dict[str, Any]) -> SpeechUnderstandingParameters:
    wire = SpeechUnderstandingParameters.parse({"request": request})
    require_speech_understanding(wire)
    return wire


def refusal(request: dict[str, Any]) -> str:
    with pytest.raises(RequestInvalid) as refused:
        parsed(request)
    return str(refused.value).removeprefix("speech_understanding.").removeprefix("request.")


def test_what_is_asked_for_arrives_under_our_names() -> None:
    wire = parsed(
        {
            "translation": {"target_languages": ["de", "fr", "de"], "formal": False},
            "speaker_identification": {
                "speaker_type": "role",
                "known_values": ["Agent", " Caller "],
                "speakers": [{"role": "Agent", "description": "says hello", "since": 2019}],
            },
            "custom_formatting": {
                "date": "dd.mm.yyyy",
                "phone_number": "xxx-xxx-xxxx",
                "email": "username@domain.com",
                "format_utterances": True,
            },
        }
    )
    assert wire.options == UnderstandingOptions(
        translation=TranslationOptions(("de", "fr"), is_formal=False),
        speaker_naming=SpeakerNaming(
            "role",
            (
                SpeakerCandidate("Agent", "description: says hello\nsince: 2019"),
                SpeakerCandidate("Caller"),
            ),
        ),
        value_formats=ValueFormats(
            "dd.mm.yyyy", "xxx-xxx-xxxx", "username@domain.com", by_utterance=True
        ),
    )


def test_people_are_addressed_formally_unless_it_is_said_otherwise() -> None:
    translation = parsed({"translation": {"target_languages": ["de"]}}).options.translation
    assert translation == TranslationOptions(("de",), is_formal=True, by_utterance=False)


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (
            {"action_items": {"effort": "low"}},
            "action_items is not available on this server yet",
        ),
        (
            {"translation": {"target_languages": ["de"]}, "summarization": {}},
            "summarization is not available on this server yet",
        ),
        (
            {"translation": {}},
            "translation.target_languages must be a list of 1 to 20 language codes of the API",
        ),
        (
            {"translation": {"target_languages": ["de", "xx"]}},
            "translation.target_languages must be a list of language codes of the API: 'xx' is "
            "none",
        ),
        (
            {"translation": {"target_languages": ["de"], "formal": "yes"}},
            "translation.formal must be a Boolean",
        ),
        (
            {"speaker_identification": {"speaker_type": "job"}},
            "speaker_identification.speaker_type must be one of: role, name",
        ),
        (
            {"speaker_identification": {"speaker_type": "role"}},
            "speaker_identification.known_values must be given when speaker_type is role",
        ),
        (
            {"speaker_identification": {"speaker_type": "name", "known_values": ["x" * 36]}},
            "speaker_identification.known_values must be a list of at most 100 strings of 1 to 35 "
            "characters",
        ),
        (
            {"speaker_identification": {"speaker_type": "name", "speakers": [{"role": "Agent"}]}},
            "speaker_identification.speakers must be a list of at most 100 objects with a name or "
            "a role of text",
        ),
        (
            {"custom_formatting": {}},
            "custom_formatting must be an object with one or more of: date, phone_number, email",
        ),
        (
            {"custom_formatting": {"date": "month"}},
            "custom_formatting.date must be a pattern of mm, dd and yyyy, like mm/dd/yyyy",
        ),
        (
            {"custom_formatting": {"phone_number": "x"}},
            "custom_formatting.phone_number must be a pattern of 10 or 11 x, like (xxx)xxx-xxxx",
        ),
        (
            {"custom_formatting": {"email": "x@y"}},
            "custom_formatting.email must be one of: username@domain.com, "
            "firstname.lastname@domain.com",
        ),
    ],
)
def test_what_breaks_a_rule_is_named_with_its_rule(request_: dict[str, Any], told: str) -> None:
    assert refusal(request_) == told


def test_a_request_for_nothing_is_refused() -> None:
    nothing: dict[str, Any]
    for nothing in ({}, {"from_the_future": {}}):
        assert refusal(nothing).startswith("request must be an object with one or more of: ")


def test_only_what_a_language_model_must_do_is_refused_without_one() -> None:
    names = parsed({"speaker_identification": {"speaker_type": "name"}}).options
    require_model_for(names, has_language_model=False)
    roles = parsed({"speaker_identification": {"speaker_type": "role", "known_values": ["Agent"]}})
    require_model_for(roles.options, has_language_model=True)
    with pytest.raises(RequestInvalid, match="not available by role"):
        require_model_for(roles.options, has_language_model=False)


def test_english_alone_is_also_written_by_a_model_that_recognises_speech() -> None:
    english = parsed({"translation": {"target_languages": ["en", "en_us"]}}).options
    require_model_for(english, has_language_model=False, translates_speech=True)
    require_model_for(english, has_language_model=True, is_redacted=True)
    both = parsed({"translation": {"target_languages": ["en", "fr"]}}).options
    for options, translates in ((english, False), (both, True)):
        with pytest.raises(RequestInvalid, match="translation is not available: it needs a"):
            require_model_for(options, has_language_model=False, translates_speech=translates)
    with pytest.raises(RequestInvalid, match="not available with redact_pii: it needs a language"):
        require_model_for(
            english, has_language_model=False, translates_speech=True, is_redacted=True
        )


def test_speakers_are_named_only_where_they_are_told_apart() -> None:
    names = parsed({"speaker_identification": {"speaker_type": "name"}}).options
    require_speakers(names, tells_voices=True)
    with pytest.raises(RequestInvalid, match="speaker_labels must be true"):
        require_speakers(names, tells_voices=False)


def test_names_that_may_be_hidden_are_not_repeated() -> None:
    known = {"speaker_type": "name", "known_values": ["Anna"]}
    echo = parsed({"speaker_identification": known}).echo
    assert echo == {"speaker_identification": known}
    assert without_names(echo) == {"speaker_identification": {"speaker_type": "name"}}
    german = parsed({"translation": {"target_languages": ["de"]}}).echo
    assert without_names(german) == german


def test_a_check_needs_no_transcript_and_the_real_thing_does() -> None:
    body = {"speech_understanding": {"request": {"translation": {"target_languages": ["de"]}}}}
    assert UnderstandingCheck.parse(body).transcript_id is None
    with pytest.raises(RequestInvalid, match="transcript_id must be the id of a transcript"):
        UnderstandingRequest.parse(body)


@pytest.mark.parametrize("levels", [8, 450])
def test_what_is_known_of_a_speaker_is_short_and_not_nested_for_ever(levels: int) -> None:
    nested: Any = "x"
    for _ in range(levels):
        nested = [nested]
    told = (
        "speaker_identification.speakers must be a list of at most 100 objects with a name or a "
        "role of text, each of at most 2000 characters and 8 levels"
    )
    naming = {"speaker_type": "name", "speakers": [{"name": "Jane", "known": nested}]}
    assert refusal({"speaker_identification": naming}) == told
    naming["speakers"] = [{"name": "Jane", "known": "x" * 2000}]
    assert refusal({"speaker_identification": naming}) == told
    naming["speakers"] = [{"name": "Jane", "known": [[[[[[["x"]]]]]]]}]
    assert parsed({"speaker_identification": naming}).echo["speaker_identification"] == naming
