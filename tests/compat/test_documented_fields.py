"""Every field that the compatible API documents is in the answers, null where it says null."""

from pathlib import Path
from typing import Any

import pytest

from tests.processes import Api

# Prerecorded API, "Transcript object": present in every answer, with a value at every time.
NEVER_NULL = {
    "id",
    "status",
    "audio_url",
    "language_model",
    "acoustic_model",
    "webhook_auth",
    "auto_highlights",
    "redact_pii",
    "summarization",
}
ECHOED_FLAGS = {
    "punctuate",
    "format_text",
    "disfluencies",
    "filter_profanity",
    "speaker_labels",
    "multichannel",
    "dual_channel",
    "language_detection",
    "content_safety",
    "iab_categories",
    "auto_chapters",
    "sentiment_analysis",
    "entity_detection",
    "custom_topics",
    "redact_pii_audio",
}
NULL_UNLESS_ASKED_FOR = {
    "speech_model",
    "language_confidence_threshold",
    "language_confidence",
    "webhook_status_code",
    "webhook_url",
    "webhook_auth_header_name",
    "utterances",
    "audio_start_from",
    "audio_end_at",
    "boost_param",
    "custom_spelling",
    "prompt",
    "redact_pii_audio_quality",
    "redact_pii_policies",
    "redact_pii_sub",
    "speakers_expected",
    "speech_threshold",
    "summary_type",
    "summary_model",
    "auto_highlights_result",
    "content_safety_labels",
    "iab_categories_result",
    "chapters",
    "sentiment_analysis_results",
    "entities",
    "summary",
    "speed_boost",
    "error",
}
RESULTS = {"text", "words", "confidence", "audio_duration"}
ECHOED_LISTS = {"word_boost", "keyterms_prompt", "topics"}
OTHERS = {"language_code", "throttled", "speech_models", "speech_model_used"}
DOCUMENTED = NEVER_NULL | ECHOED_FLAGS | NULL_UNLESS_ASKED_FOR | RESULTS | ECHOED_LISTS | OTHERS


def nulls(transcript: dict[str, Any], names: set[str]) -> set[str]:
    return {name for name in names if transcript[name] is None}


@pytest.fixture(scope="module")
def submitted(api: Api, speech: Path) -> dict[str, Any]:
    """The answer to a submit with nothing but the URL."""
    body = {"audio_url": api.upload(speech.read_bytes())}
    return api.json("POST", "/v2/transcript", json=body)


@pytest.fixture(scope="module")
def completed(api: Api, submitted: dict[str, Any]) -> dict[str, Any]:
    return api.ended(submitted["id"])


def test_a_submitted_transcript_has_every_field_and_no_result(submitted: dict[str, Any]) -> None:
    assert DOCUMENTED - submitted.keys() == set()
    assert submitted["status"] == "queued"
    assert nulls(submitted, NEVER_NULL | ECHOED_FLAGS) == set()
    assert nulls(submitted, RESULTS | NULL_UNLESS_ASKED_FOR) == RESULTS | NULL_UNLESS_ASKED_FOR
    assert submitted["language_model"] == submitted["acoustic_model"] == "assemblyai_default"
    assert submitted["language_code"] == "en_us"
    assert submitted["punctuate"] is submitted["format_text"] is True
    assert submitted["throttled"] is False


def test_a_completed_transcript_has_every_field_and_its_results(
    completed: dict[str, Any],
) -> None:
    assert DOCUMENTED - completed.keys() == set()
    assert completed["status"] == "completed"
    assert nulls(completed, NEVER_NULL | ECHOED_FLAGS | RESULTS) == set()
    assert nulls(completed, NULL_UNLESS_ASKED_FOR) == NULL_UNLESS_ASKED_FOR
    assert completed["speech_model_used"]
    assert isinstance(completed["audio_duration"], int)
    for word in completed["words"]:
        assert {"text", "start", "end", "confidence", "speaker"} <= word.keys()
        assert isinstance(word["start"], int)
        assert word["speaker"] is None


def test_a_failed_transcript_has_every_field_and_its_error(api: Api) -> None:
    failed = api.transcribe(b"<!DOCTYPE html><html></html>")
    assert DOCUMENTED - failed.keys() == set()
    assert failed["status"] == "error"
    assert failed["error"]
    assert nulls(failed, {"text", "words", "confidence", "utterances"}) == {
        "text",
        "words",
        "confidence",
        "utterances",
    }
    assert nulls(failed, NEVER_NULL) == set()


def test_a_deleted_transcript_has_every_field_scrubbed(api: Api, speech: Path) -> None:
    made = api.transcribe(speech.read_bytes())
    deleted = api.json("DELETE", f"/v2/transcript/{made['id']}")
    assert DOCUMENTED - deleted.keys() == set()
    assert deleted["status"] == "completed"
    assert deleted["text"] == "Deleted by user."
    assert deleted["audio_url"] == deleted["webhook_url"] == "http://deleted_by_user"
    assert deleted["audio_duration"] == made["audio_duration"]
    assert nulls(deleted, {"words", "utterances", "confidence", "language_code", "error"}) == {
        "words",
        "utterances",
        "confidence",
        "language_code",
        "error",
    }
    assert api.get(made["id"]) == deleted


def test_sentences_and_paragraphs_have_every_field(api: Api, completed: dict[str, Any]) -> None:
    for name in ("sentences", "paragraphs"):
        answer = api.json("GET", f"/v2/transcript/{completed['id']}/{name}")
        assert {"id", "confidence", "audio_duration", name} <= answer.keys()
        for piece in answer[name]:
            assert {"text", "start", "end", "confidence", "words"} <= piece.keys()
            assert piece["confidence"] is not None


def test_a_search_takes_both_spellings_of_its_terms(api: Api, completed: dict[str, Any]) -> None:
    path = f"/v2/transcript/{completed['id']}/word-search"
    listed = api.json("GET", path, params={"words": '["was","best of times"]'})
    assert listed == api.json("GET", path, params={"words": "was,best of times"})
    assert listed.keys() == {"id", "total_count", "matches"}
    assert listed["total_count"] == sum(match["count"] for match in listed["matches"])
    assert all(
        match.keys() == {"text", "count", "timestamps", "indexes"} for match in listed["matches"]
    )


def test_a_list_has_every_field(api: Api, completed: dict[str, Any]) -> None:
    listed = api.json("GET", "/v2/transcript", params={"limit": 200})
    details = listed["page_details"]
    assert details.keys() == {"limit", "result_count", "current_url", "prev_url", "next_url"}
    assert details["current_url"].startswith(f"{api.url}/v2/transcript?")
    item = next(item for item in listed["transcripts"] if item["id"] == completed["id"])
    assert item.keys() == {
        "id",
        "resource_url",
        "status",
        "created",
        "completed",
        "audio_url",
        "error",
    }
    assert api.json("GET", item["resource_url"].removeprefix(api.url)) == completed


def test_a_browser_may_call_from_any_page(api: Api) -> None:
    asked = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = api.call("OPTIONS", "/v2/transcript/x", headers=asked)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] in {"*", "https://app.example"}
    assert "DELETE" in answer.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize("content_type", ["audio/wav", "multipart/form-data", "text/plain", ""])
def test_an_upload_is_taken_whatever_it_says_it_is(
    api: Api, speech: Path, content_type: str
) -> None:
    media = speech.read_bytes()
    answer = api.json("POST", "/v2/upload", data=media, headers={"Content-Type": content_type})
    assert answer.keys() == {"upload_url"}
    assert answer["upload_url"].startswith(f"{api.url}/upload/")
    assert api.ended(api.submit(answer["upload_url"]))["status"] == "completed"


def test_an_upload_cannot_be_downloaded(api: Api, speech: Path) -> None:
    url = api.upload(speech.read_bytes())
    answer = api.call("GET", url.removeprefix(api.url))
    assert answer.status_code == 403
    assert answer.json() == {"error": "AccessDenied"}
