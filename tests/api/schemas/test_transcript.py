import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from assemblyai.types import TranscriptResponse

from earshot.api.schemas.transcript import stored_request, transcript_body
from earshot.storage.transcripts import TranscriptRow
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.result import (
    KnownSpeaker,
    LanguageFinding,
    TranscriptResult,
    Unredacted,
)
from earshot.transcript.status import TranscriptStatus
from earshot.transcript.words import Utterance
from tests.api.conftest import result_of, two_channels

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)

# Keys that the published specification requires (prerecorded.md, 3).
REQUIRED = """
id speech_model language_model acoustic_model status audio_url webhook_auth auto_highlights
redact_pii summarization language_confidence_threshold language_confidence
"""
# Every other key of the table, but for those that are there only when they say something.
DOCUMENTED = """
text words utterances confidence audio_duration audio_channels error language_code language_codes
language_detection_options language_detection_results speech_models speech_model_used throttled
webhook_url webhook_auth_header_name webhook_status_code punctuate format_text disfluencies
filter_profanity speaker_labels multichannel dual_channel language_detection content_safety
iab_categories auto_chapters sentiment_analysis entity_detection custom_topics redact_pii_audio
word_boost boost_param keyterms_prompt custom_spelling topics prompt temperature remove_audio_tags
domain speakers_expected speaker_options speech_threshold audio_start_from audio_end_at
redact_pii_policies redact_pii_sub redact_pii_audio_quality redact_pii_audio_options summary_type
summary_model auto_highlights_result content_safety_labels iab_categories_result chapters
sentiment_analysis_results entities summary speech_understanding translated_texts speed_boost
cluster_id speaker_count
"""
ALWAYS = {*REQUIRED.split(), *DOCUMENTED.split()}


def row_of(
    status: TranscriptStatus = TranscriptStatus.QUEUED,
    parameters: dict[str, Any] | None = None,
    warnings: tuple[str, ...] = (),
) -> TranscriptRow:
    return TranscriptRow(
        id="6d7f0a60-3a5b-4a4f-8f8d-000000000001",
        sequence=1,
        project_id="p",
        status=status,
        audio_url="https://example.com/smoke.mp3",
        upload_id=None,
        request=stored_request(parameters or {}, warnings),
        options=TranscriptOptions(),
        throttled=False,
        allows_private_hosts=False,
        created_at=NOON,
        started_at=None,
        completed_at=None,
        deleted_at=None,
        error=None,
        error_code=None,
        audio_duration_s=None,
        webhook_url=None,
        webhook_auth_header_name=None,
        webhook_auth_header_value=None,
        webhook_status_code=None,
    )


def completed_row(parameters: dict[str, Any] | None = None) -> TranscriptRow:
    return replace(row_of(TranscriptStatus.COMPLETED, parameters), audio_duration_s=2)


def shown(row: TranscriptRow, result: TranscriptResult | None = None) -> dict[str, Any]:
    """The body as clients get it, once the official client has been able to read it."""
    body: dict[str, Any] = json.loads(transcript_body(row, result).model_dump_json(by_alias=True))
    TranscriptResponse(**body)
    return body


def test_every_documented_field_is_present_in_every_state() -> None:
    states = [
        shown(row_of()),
        shown(row_of(TranscriptStatus.PROCESSING)),
        shown(replace(row_of(TranscriptStatus.ERROR), error="Audio duration is too short.")),
        shown(completed_row(), result_of("Good morning.")),
        shown(replace(completed_row(), deleted_at=NOON)),
    ]
    for body in states:
        assert body.keys() >= ALWAYS


def test_fields_that_are_there_only_when_they_say_something_are_absent_otherwise() -> None:
    body = shown(completed_row(), result_of("Good morning."))
    assert not body.keys() & {
        "metadata",
        "is_deleted",
        "unredacted_text",
        "unredacted_words",
        "unredacted_utterances",
        "webhook_auth_header_value",
        "known_speakers",
    }


def test_what_was_said_stands_beside_what_is_hidden_where_it_was_asked_for() -> None:
    spoken, hidden = result_of("Good morning."), result_of("#### #######.")
    said = Unredacted(spoken.words, (Utterance(spoken.words, "A"),))
    body = shown(completed_row(), replace(hidden, unredacted=said))
    assert (body["text"], body["unredacted_text"]) == ("#### #######.", "Good morning.")
    assert [word["text"] for word in body["unredacted_words"]] == ["Good", "morning."]
    assert body["unredacted_utterances"][0]["text"] == "Good morning."


def test_names_of_known_voices_stand_beside_the_labels_which_stay() -> None:
    spoken = result_of("Good morning.")
    words = tuple(replace(word, speaker="A") for word in spoken.words)
    known = (KnownSpeaker("A", "María", 0.93),)
    body = shown(completed_row(), replace(spoken, words=words, known_speakers=known))
    assert body["known_speakers"] == [{"speaker": "A", "name": "María", "confidence": 0.93}]
    assert {word["speaker"] for word in body["words"]} == {"A"}


def test_that_nobody_was_recognised_is_an_empty_list() -> None:
    result = replace(result_of("Good morning."), known_speakers=())
    assert shown(completed_row(), result)["known_speakers"] == []


def test_a_detected_language_replaces_the_one_that_was_given() -> None:
    row = completed_row({"language_code": "es", "language_detection": True})
    found = LanguageFinding(0.9, (("en", 0.9), ("es", 0.1)))
    result = replace(result_of("Good morning."), language_code="en", language_finding=found)
    body = shown(row, result)
    assert body["language_code"] == "en"
    assert body["language_confidence"] == 0.9
    switched = body["language_detection_results"]["code_switching_languages"]
    assert [language["language_code"] for language in switched] == ["en", "es"]


@pytest.mark.parametrize("status", [TranscriptStatus.QUEUED, TranscriptStatus.PROCESSING])
def test_nothing_is_said_before_it_is_known(status: TranscriptStatus) -> None:
    body = shown(row_of(status))
    assert body["status"] == status.value
    for name in ("text", "words", "utterances", "confidence", "audio_duration", "error"):
        assert body[name] is None
    assert body["speech_model_used"] is None


def test_a_completed_transcript_has_text_words_and_the_mean_of_their_confidences() -> None:
    result = result_of("Good morning.", duration_ms=1280)
    body = shown(completed_row(), result)
    assert body["text"] == "Good morning."
    assert [word["text"] for word in body["words"]] == ["Good", "morning."]
    assert body["words"][1]["start"] == 500
    assert body["confidence"] == pytest.approx(0.9)
    assert body["audio_duration"] == 2
    assert body["utterances"] is None
    assert body["audio_channels"] is None
    assert body["speech_model_used"] == "moonshine-tiny"
    assert body["speech_model"] is None
    assert body["error"] is None


def test_silence_is_completed_with_an_empty_text_and_no_words() -> None:
    body = shown(completed_row(), result_of(""))
    assert (body["text"], body["words"]) == ("", [])


def test_channels_have_utterances_and_strings_for_numbers() -> None:
    body = shown(completed_row({"multichannel": True}), two_channels("hello there", "hi"))
    assert body["audio_channels"] == 2
    assert [item["channel"] for item in body["utterances"]] == ["1", "2"]
    assert [item["speaker"] for item in body["utterances"]] == ["1", "2"]
    assert body["utterances"][0]["words"][0]["channel"] == "1"
    assert [word["channel"] for word in body["words"]] == ["1", "2", "1"]


def test_a_failed_transcript_has_an_error_and_no_text() -> None:
    row = replace(row_of(TranscriptStatus.ERROR), error="Audio duration is too short.")
    body = shown(row)
    assert (body["status"], body["error"]) == ("error", "Audio duration is too short.")
    assert body["text"] is None


def test_the_request_is_repeated_and_what_was_not_sent_has_its_default() -> None:
    parameters = {
        "punctuate": False,
        "custom_spelling": [{"from": ["s q l"], "to": "SQL"}],
        "speech_model": "nano",
        "boost_param": "high",
    }
    body = shown(row_of(parameters=parameters))
    assert {name: body[name] for name in parameters} == parameters
    assert (body["format_text"], body["disfluencies"], body["language_code"]) == (
        True,
        False,
        "en_us",
    )
    assert body["word_boost"] is None


def test_warnings_of_the_request_and_of_the_result_are_in_the_metadata() -> None:
    row = replace(completed_row(), request=stored_request({}, ("topics has no effect",)))
    body = shown(row, result_of("Good.", warnings=("The recording ends early.",)))
    assert body["metadata"] == {
        "domain_used": None,
        "warning": "topics has no effect",
        "warnings": [
            {"message": "topics has no effect"},
            {"message": "The recording ends early."},
        ],
    }


@pytest.mark.parametrize(
    ("name", "value", "has_auth"),
    [("X-Key", "s3cret", True), ("X-Key", None, False), (None, "s3cret", False)],
)
def test_webhook_auth_says_whether_name_and_value_were_given(
    name: str | None, value: str | None, has_auth: bool
) -> None:
    row = replace(row_of(), webhook_auth_header_name=name, webhook_auth_header_value=value)
    assert shown(row)["webhook_auth"] is has_auth
    assert "s3cret" not in json.dumps(shown(row))


def test_a_deleted_transcript_is_what_the_contract_shows() -> None:
    row = replace(completed_row(), deleted_at=NOON, request={})
    body = shown(row)
    kept = {
        "id": row.id,
        "status": "completed",
        "audio_duration": 2,
        "language_model": "assemblyai_default",
        "acoustic_model": "assemblyai_default",
        "text": "Deleted by user.",
        "audio_url": "http://deleted_by_user",
        "webhook_url": "http://deleted_by_user",
        "is_deleted": True,
    }
    assert {name: body[name] for name in kept} == kept
    false = {name for name, value in body.items() if value is False}
    assert false == {
        "webhook_auth",
        "auto_highlights",
        "redact_pii",
        "summarization",
        "sentiment_analysis",
        "entity_detection",
        "language_detection",
        "multichannel",
        "disfluencies",
    }
    assert all(body[name] is None for name in body.keys() - kept.keys() - false)
