import json

import pytest
from pydantic import ValidationError

from earshot.api.faults import FaultKind, SessionFault
from earshot.api.schemas.live_parameters import LiveParameters, SessionParameters, merge_update
from earshot.streaming.options import TurnPolicy


@pytest.mark.parametrize("text", ["true", "True", "1"])
def test_a_boolean_may_be_written_as_python_does(text: str) -> None:
    assert SessionParameters.read({"format_turns": text}).format_turns
    assert not SessionParameters.read({"format_turns": "False"}).format_turns


@pytest.mark.parametrize("given", [json.dumps(["a", "b"]), ["a", "b"]])
def test_a_list_may_be_json_or_repeated(given: object) -> None:
    assert SessionParameters.read({"keyterms_prompt": given}).keyterms_prompt == ["a", "b"]
    assert SessionParameters.read({"keyterms_prompt": "a"}).keyterms_prompt == ["a"]


def test_key_terms_have_an_older_name() -> None:
    assert SessionParameters.read({"keyterms": '["a"]'}).vocabulary.terms == ("a",)
    both = SessionParameters.read({"keyterms": "a", "keyterms_prompt": "b"})
    assert both.vocabulary.terms == ("b",)
    assert merge_update(both, {"keyterms": ["c"]}).vocabulary.terms == ("c",)


def test_nothing_and_null_are_absence() -> None:
    assert SessionParameters.read({"sample_rate": "", "mode": None}) == SessionParameters()


def test_turns_end_as_the_generation_has_it_unless_told_otherwise() -> None:
    plain = SessionParameters()
    assert plain.turns("lenient") == plain.turns("2026") == TurnPolicy(0.4, 400, 1280, 0.4)
    assert plain.turns("2025") == TurnPolicy(0.7, 160, 2400, 0.4)
    both = {"min_end_of_turn_silence_when_confident": "160", "min_turn_silence": "800"}
    assert SessionParameters.read(both).turns("2026").min_silence_ms == 800
    old = {"min_end_of_turn_silence_when_confident": "160"}
    assert SessionParameters.read(old).turns("2026").min_silence_ms == 160


def test_terms_that_are_too_long_are_left_out() -> None:
    terms = ["Earshot", "x" * 51, " two  words ", "Earshot", ""]
    found = SessionParameters(keyterms_prompt=terms).vocabulary
    assert found.terms == ("Earshot", "two words")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("inactivity_timeout", "4"),
        ("max_speakers", "11"),
        ("end_of_turn_confidence_threshold", "1.1"),
        ("vad_threshold", "nan"),
        ("min_turn_silence", "-1"),
        ("sample_rate", "96001"),
        ("webhook_url", "ftp://x"),
        ("webhook_url", "http://user:word@x/"),
        ("max_turn_silence", True),
        ("end_of_turn_confidence_threshold", True),
        ("webhook_auth_header_name", "Host"),
        ("webhook_auth_header_value", "a\nb"),
        ("keyterms_prompt", "[1,2]"),
        ("keyterms_prompt", "[" * 100_000),
    ],
)
def test_a_value_out_of_range_is_named(name: str, value: object) -> None:
    with pytest.raises(SessionFault) as found:
        SessionParameters.read({name: value})
    assert found.value.kind is FaultKind.INVALID_INPUT
    assert found.value.text.startswith(f"User Input Validation Error: Invalid '{name}': ")


def test_an_update_changes_what_it_names_and_ignores_nulls() -> None:
    before = SessionParameters.read({"max_turn_silence": "900", "keyterms_prompt": "a"})
    after = merge_update(before, {"min_turn_silence": 200, "max_turn_silence": None})
    assert (after.min_turn_silence, after.max_turn_silence) == (200, 900)
    assert merge_update(after, {"keyterms_prompt": []}).keyterms_prompt == []


def test_an_update_by_the_old_name_holds_over_what_was_set_before() -> None:
    before = SessionParameters(min_turn_silence=800)
    after = merge_update(before, {"min_end_of_turn_silence_when_confident": 100})
    assert after.turns("2026").min_silence_ms == 100


def test_an_update_cannot_change_what_a_session_began_with() -> None:
    assert merge_update(SessionParameters(), {"sample_rate": 8000}).sample_rate == 16_000


def test_a_list_is_read_to_its_first_fault() -> None:
    with pytest.raises(ValidationError) as caught:
        LiveParameters.model_validate({"keyterms_prompt": [1] * 1000})
    assert caught.value.error_count() == 1
