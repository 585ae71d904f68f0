"""What a request wants to be hidden."""

import pytest

from earshot.api.schemas.redaction import (
    redaction_of,
    redaction_warnings,
    require_own_terms,
    require_policies,
    without_secrets,
)
from earshot.api.schemas.transcript_request import TranscriptRequest
from earshot.errors import NamesNotInstalled, RequestInvalid
from earshot.transcript.options import OwnTerms, RedactedAudioOptions, RedactionOptions


def request(**parameters: object) -> TranscriptRequest:
    return TranscriptRequest.parse({"audio_url": "https://example.com/a.mp3", **parameters})


def test_policies_and_terms_become_options() -> None:
    wire = request(
        redact_pii=True,
        redact_pii_policies=["date", "url"],
        redact_pii_sub="entity_name",
        redact_static_entities={"project": ["Blue Sky"]},
        redact_pii_return_unredacted=True,
    )
    assert redaction_of(wire) == RedactionOptions(
        ("date", "url"), "entity_name", (OwnTerms("project", ("Blue Sky",)),), True
    )
    assert redaction_warnings(wire) == ()


def test_redacted_audio_is_a_beeping_mp3_unless_told_otherwise() -> None:
    asked = {"redact_pii": True, "redact_pii_policies": ["date"], "redact_pii_audio": True}
    usual = redaction_of(request(**asked))
    assert usual is not None
    assert usual.audio == RedactedAudioOptions("mp3", "beep", if_speechless=False)
    otherwise = redaction_of(
        request(
            **asked,
            redact_pii_audio_quality="wav",
            redact_pii_audio_options={
                "return_redacted_no_speech_audio": True,
                "override_audio_redaction_method": "silence",
            },
        )
    )
    assert otherwise is not None
    assert otherwise.audio == RedactedAudioOptions("wav", "silence", if_speechless=True)


def test_without_policies_or_without_the_switch_nothing_is_hidden() -> None:
    assert redaction_of(request(redact_pii=True)) is None
    assert redaction_of(request(redact_pii_policies=["date"])) is None
    assert redaction_warnings(request(redact_pii=True)) != ()


@pytest.mark.parametrize(
    ("policies", "told"),
    [
        (
            ["date", "dates"],
            "redact_pii_policies must be a list of policies of the API: 'dates' is none",
        ),
        (
            ["", "dates"],
            "redact_pii_policies must be a list of policies of the API: '', 'dates' are none",
        ),
        (
            ["date", "product", "trend"],
            "redact_pii_policies not available on this server yet: product, trend",
        ),
    ],
)
def test_a_policy_that_would_hide_nothing_is_refused(policies: list[str], told: str) -> None:
    with pytest.raises(RequestInvalid) as refused:
        require_policies(request(redact_pii=True, redact_pii_policies=policies))
    assert str(refused.value) == told
    require_policies(request(redact_pii=True, redact_pii_policies=["date", "gender"]))
    require_policies(request(redact_pii_policies=policies))  # without effect


def test_names_are_hidden_where_the_model_is_that_finds_them_and_else_the_command_is_told() -> None:
    wire = request(redact_pii=True, redact_pii_policies=["date", "person_name", "location_city"])
    with pytest.raises(NamesNotInstalled) as refused:
        require_policies(wire)
    assert "person_name, location_city" in str(refused.value)
    assert "earshot models pull minilm" in str(refused.value)
    require_policies(wire, finds_names=True)
    with pytest.raises(RequestInvalid):
        require_policies(
            request(redact_pii=True, redact_pii_policies=["product"]), finds_names=True
        )


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({"a b": ["x"]}, "letters of English, digits"),
        ({"[x]": ["x"]}, "letters of English, digits"),
        ({"": ["x"]}, "letters of English, digits"),
        ({"x" * 51: ["x"]}, "letters of English, digits"),
        ({"a\n00:00 --> 00:01\n": ["x"]}, "letters of English, digits"),
        ({"project": []}, "at least one, each with a letter or a digit"),
        ({"project": ["Blue Sky", " "]}, "at least one, each with a letter or a digit"),
        ({"project": ["-->"]}, "at least one, each with a letter or a digit"),
        ({"a": ["x"] * 600, "b": ["y"] * 401}, "at most 1000 terms in all"),
        ({"project": ["one two three four five six seven"]}, "at most 6 words"),
        ({"project": ["x" * 201]}, "200 characters each"),
    ],
)
def test_terms_that_cannot_be_found_or_shown_or_are_too_many_are_refused(
    terms: dict[str, list[str]], told: str
) -> None:
    with pytest.raises(RequestInvalid) as refused:
        require_own_terms(request(redact_pii=True, redact_static_entities=terms))
    assert str(refused.value).startswith("redact_static_entities must be an object ")
    assert told in str(refused.value)


def test_a_label_that_would_be_written_instead_of_itself_is_refused() -> None:
    parameters = {"redact_pii": True, "redact_static_entities": {"blue-sky": ["x", "Blue Sky"]}}
    require_own_terms(request(**parameters))
    with pytest.raises(RequestInvalid, match="whose labels are not their terms"):
        require_own_terms(request(**parameters, redact_pii_sub="entity_name"))


def test_as_many_terms_as_are_allowed_pass() -> None:
    terms = {"a-Z_9": ["one two three four five six", "x" * 200, "\u84dd\u5929", "7"] * 250}
    require_own_terms(request(redact_pii=True, redact_static_entities=terms))


def test_nothing_that_may_tell_a_secret_is_kept_to_be_shown() -> None:
    echo = {
        "redact_pii": True,
        "redact_static_entities": {"project": ["Blue Sky"]},
        "prompt": "About Blue Sky.",
        "keyterms_prompt": ["Blue Sky"],
        "word_boost": ["Blue Sky"],
        "custom_spelling": [{"from": ["blue sky"], "to": "BlueSky"}],
        "topics": ["Blue Sky"],
    }
    assert without_secrets(echo, RedactionOptions(("date",))) == {"redact_pii": True}
    assert echo.keys() - without_secrets(echo, None) == {"redact_static_entities"}
