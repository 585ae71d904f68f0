"""The official `assemblyai` SDK against a real server: code that people have, unchanged."""

import json
import uuid
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.compat.conftest import NEWER_ENVIRONMENTS, Sdk
from tests.processes import Api, Server
from tests.receiver import Receiver

OPENING = "it was the best of times"
OF_THE_NEWER_SDK = pytest.mark.parametrize("environment", NEWER_ENVIRONMENTS, indirect=True)


def said(facts: dict[str, Any]) -> str:
    """What was said, however it is written."""
    text = "".join(c for c in facts["text"].lower() if c.isalpha() or c == " ")
    return " ".join(text.split())


@pytest.fixture(scope="session")
def transcript_id(api: Api, speech: Path) -> str:
    """A completed transcript for those who only read."""
    transcript_id: str = api.transcribe(speech.read_bytes())["id"]
    return transcript_id


def test_a_file_becomes_timed_words(sdk: Sdk, speech: Path) -> None:
    facts = sdk.do("transcribe", source=str(speech))
    assert facts["status"] == "completed"
    assert facts["error"] is None
    assert said(facts).startswith(OPENING)
    assert facts["audio_duration"] == 9
    assert 0 < facts["confidence"] <= 1
    words = facts["words"]
    assert " ".join(word["text"] for word in words) == facts["text"]
    assert all(0 < word["confidence"] <= 1 for word in words)
    assert all(0 <= word["start"] < word["end"] <= 9000 for word in words)
    assert all(earlier["end"] <= later["start"] for earlier, later in pairwise(words))


@pytest.mark.parametrize("kind", ["file object", "uploaded"])
def test_a_file_object_and_an_upload_url_do_as_well(sdk: Sdk, speech: Path, kind: str) -> None:
    assert said(sdk.do("transcribe", source=str(speech), kind=kind)).startswith(OPENING)


def test_a_url_is_fetched(sdk: Sdk, receiver: Receiver) -> None:
    url = f"{receiver.url}/speech.wav"
    facts = sdk.do("transcribe", source=url)
    assert said(facts).startswith(OPENING)
    assert facts["audio_url"] == url


def test_submitting_returns_before_the_work_is_done(sdk: Sdk, speech: Path) -> None:
    submitted, completed = sdk.do("submit_then_wait", source=str(speech))
    assert submitted["status"] in {"queued", "processing"}
    assert submitted["text"] is None
    assert completed["id"] == submitted["id"]
    assert said(completed).startswith(OPENING)


def test_the_sdk_s_threads_and_groups_work(sdk: Sdk, speech: Path) -> None:
    alone = sdk.do("transcribe_in_the_background", source=str(speech))
    group = sdk.do("transcribe_group", sources=[str(speech), str(speech)])
    assert [facts["text"] for facts in group] == [alone["text"]] * 2
    assert len({facts["id"] for facts in [alone, *group]}) == 3


@OF_THE_NEWER_SDK
def test_the_sdk_s_coroutines_work(sdk: Sdk, speech: Path) -> None:
    facts = sdk.do("transcribe_in_a_coroutine", source=str(speech))
    transcript = facts["transcript"]
    assert said(transcript).startswith(OPENING)
    assert " ".join(facts["sentences"]) == transcript["text"]
    assert facts["srt"].startswith("1\n00:00:")
    assert transcript["id"] in facts["listed"]
    assert facts["deleted"]["text"] == "Deleted by user."


def test_key_phrases_and_chapters_are_in_the_sdk_s_properties(sdk: Sdk, speech: Path) -> None:
    facts = sdk.do("understand", source=str(speech), auto_highlights=True, auto_chapters=True)
    highlights = facts["highlights"]
    assert highlights["status"] == "success"
    ranks = [phrase["rank"] for phrase in highlights["results"]]
    assert ranks
    assert ranks == sorted(ranks, reverse=True)
    spoken = [(word["start"], word["end"]) for word in facts["words"]]
    for phrase in highlights["results"]:
        assert phrase["count"] == len(phrase["timestamps"])
        starts = {start for start, _ in spoken}
        assert {place["start"] for place in phrase["timestamps"]} <= starts
    (chapter,) = facts["chapters"]  # nine seconds are not worth two
    assert (chapter["start"], chapter["end"]) == (spoken[0][0], spoken[-1][1])
    assert all(chapter[name] for name in ("gist", "headline", "summary"))


def test_topics_and_sensitive_content_are_in_the_sdk_s_properties(sdk: Sdk, speech: Path) -> None:
    facts = sdk.do("understand", source=str(speech), iab_categories=True, content_safety=True)
    topics, safety = facts["topics"], facts["safety"]
    assert topics["status"] == safety["status"] == "success"
    (section,) = topics["results"]  # nine seconds
    assert (section["text"], len(section["labels"])) == (facts["text"], 10)
    assert section["timestamp"]["start"] == facts["words"][0]["start"]
    assert len(topics["summary"]) == 20
    assert max(topics["summary"].values()) == 1
    assert set(safety) >= {"results", "summary", "severity_score_summary"}


@pytest.mark.parametrize(
    ("model", "form", "opening"), [("informative", "bullets", "- "), ("catchy", "headline", "")]
)
def test_a_summary_has_the_form_that_was_asked_for(
    sdk: Sdk, speech: Path, model: str, form: str, opening: str
) -> None:
    facts = sdk.do(
        "understand",
        source=str(speech),
        summarization=True,
        summary_model=model,
        summary_type=form,
    )
    assert facts["summary"].startswith(opening)
    assert "times" in facts["summary"]
    assert facts["highlights"] is None


def test_the_sentiment_of_every_sentence_is_in_the_sdk_s_property(sdk: Sdk, speech: Path) -> None:
    facts = sdk.do("understand", source=str(speech), sentiment_analysis=True)
    sentiments = facts["sentiments"]
    assert " ".join(one["text"] for one in sentiments) == facts["text"]
    assert sentiments[0]["start"] == facts["words"][0]["start"]
    assert sentiments[-1]["end"] == facts["words"][-1]["end"]
    for one in sentiments:
        assert one["sentiment"] in {"POSITIVE", "NEUTRAL", "NEGATIVE"}
        assert 1 / 3 <= one["confidence"] <= 1
        assert one["speaker"] is None


@OF_THE_NEWER_SDK
def test_speech_understanding_is_in_the_sdk_s_models(sdk: Sdk, speech: Path) -> None:
    asked = {
        "speaker_identification": {"speaker_type": "name"},
        "custom_formatting": {"date": "mm/dd/yyyy", "phone_number": "(xxx)xxx-xxxx"},
    }
    facts = sdk.do(
        "understand",
        source=str(speech),
        speaker_labels=True,
        speech_understanding={"request": asked},
    )
    response = facts["speech_understanding"]["response"]
    assert response["speaker_identification"] == {"status": "success", "mapping": {}}
    assert response["custom_formatting"]["formatted_text"] == facts["text"]
    again = sdk.do("understand_speech", transcript_id=facts["id"], request=asked)
    assert again["speech_understanding"]["response"]["custom_formatting"]["status"] == "success"
    assert again["request_id"]
    refused = sdk.do("refused_understanding", request={"action_items": {}})
    assert refused["status_code"] == 400
    assert refused["errors"] == [refused["message"]]


@pytest.mark.parametrize("part", ["sentences", "paragraphs"])
def test_sentences_and_paragraphs_hold_every_word(sdk: Sdk, transcript_id: str, part: str) -> None:
    whole = sdk.do("get", transcript_id=transcript_id)
    pieces = sdk.do(part, transcript_id=transcript_id)
    assert " ".join(piece["text"] for piece in pieces) == whole["text"]
    words = [word for piece in pieces for word in piece["words"]]
    assert [word["start"] for word in words] == [word["start"] for word in whole["words"]]
    for piece in pieces:
        assert piece["start"] == piece["words"][0]["start"]
        assert piece["end"] == piece["words"][-1]["end"]


def test_subtitles_have_their_form_and_their_width(sdk: Sdk, transcript_id: str) -> None:
    srt = sdk.do("srt", transcript_id=transcript_id, chars_per_caption=32)
    number, times, *lines = srt.split("\n\n")[0].splitlines()
    assert number == "1"
    assert times.startswith("00:00:0")
    assert "," in times
    assert " --> " in times
    captions = [line for block in srt.strip().split("\n\n") for line in block.splitlines()[2:]]
    assert lines[0] == captions[0]
    assert max(len(caption) for caption in captions) <= 32
    assert sdk.do("srt", transcript_id=transcript_id).count("-->") < srt.count("-->")
    vtt = sdk.do("vtt", transcript_id=transcript_id, chars_per_caption=32)
    assert vtt.startswith("WEBVTT\n\n00:0")
    assert [line for line in vtt.splitlines() if line in captions] == captions


def test_words_and_phrases_are_found(sdk: Sdk, transcript_id: str) -> None:
    whole = sdk.do("get", transcript_id=transcript_id)
    found = sdk.do("search", transcript_id=transcript_id, words=["was", "best of times", "zebra"])
    assert [match["text"] for match in found] == ["was", "best of times"]
    was, phrase = found
    assert was["count"] == len(was["indexes"]) == len(was["timestamps"])
    for index, (start, _) in zip(was["indexes"], was["timestamps"], strict=True):
        assert whole["words"][index]["text"].lower().strip(".,") == "was"
        assert whole["words"][index]["start"] == start
    assert phrase["indexes"] == [3]


def test_paging_reaches_every_transcript_newest_first(sdk: Sdk, api: Api, speech: Path) -> None:
    audio_url = api.upload(speech.read_bytes())
    made = [api.submit(audio_url) for _ in range(3)]
    for transcript_id in made:
        api.ended(transcript_id)
    first = sdk.do("page", limit=2)
    assert [item["id"] for item in first["transcripts"]] == made[:0:-1]
    assert first["page_details"]["result_count"] == 2
    assert first["transcripts"][0]["resource_url"] == f"{api.url}/v2/transcript/{made[2]}"
    seen = [item["id"] for item in first["transcripts"]]
    before_id = first["before_id"]
    while before_id is not None:
        page = sdk.do("page", limit=2, before_id=before_id)
        seen += [item["id"] for item in page["transcripts"]]
        before_id = page["before_id"]
    assert made[0] in seen
    assert len(seen) == len(set(seen))
    newer = sdk.do("page", after_id=made[1], status="completed")
    assert [item["id"] for item in newer["transcripts"]] == [made[2]]


def test_a_deleted_transcript_holds_nothing_any_more(sdk: Sdk, api: Api, speech: Path) -> None:
    transcript_id = api.transcribe(speech.read_bytes())["id"]
    for facts in [
        sdk.do("delete", transcript_id=transcript_id),
        sdk.do("delete", transcript_id=transcript_id),
        sdk.do("get", transcript_id=transcript_id),
    ]:
        assert facts["text"] == "Deleted by user."
        assert facts["audio_url"] == "http://deleted_by_user"
        assert facts["words"] == []
        assert facts["confidence"] is None
        assert facts["audio_duration"] == 9


def test_a_webhook_arrives_with_its_header(sdk: Sdk, speech: Path, receiver: Receiver) -> None:
    path = f"/hook?customer={uuid.uuid4()}"
    facts = sdk.do(
        "transcribe", source=str(speech), webhook=[receiver.url + path, "X-Secret", "open sesame"]
    )
    assert facts["webhook_auth"] is True
    post = receiver.await_post(path)
    assert json.loads(post.body) == {"transcript_id": facts["id"], "status": "completed"}
    assert post.headers["X-Secret"] == "open sesame"
    assert post.headers["Content-Type"] == "application/json"
    assert post.headers["webhook-id"]
    assert post.headers["webhook-signature"].startswith("v1,")


def test_custom_spelling_is_obeyed(sdk: Sdk, speech: Path) -> None:
    facts = sdk.do(
        "transcribe", source=str(speech), custom_spelling={"Tymes": ["times", "the age of"]}
    )
    texts = [word["text"].strip(".,") for word in facts["words"]]
    assert "Tymes" in texts
    assert "times" not in texts
    assert "age" not in texts


@OF_THE_NEWER_SDK
def test_what_is_hidden_is_had_where_the_sdk_asks_for_it(sdk: Sdk, speech: Path) -> None:
    facts = sdk.do(
        "transcribe",
        source=str(speech),
        custom_spelling={"jane@example.com": ["wisdom"]},
        redact_pii=True,
        redact_pii_policies=["email_address"],
        redact_pii_sub="entity_name",
        redact_pii_return_unredacted=True,
    )
    assert facts["error"] is None
    response = facts["response"]
    assert "[EMAIL_ADDRESS]" in facts["text"]
    assert "jane@example.com" in response["unredacted_text"]
    assert len(response["unredacted_words"]) == len(facts["words"])
    del response["unredacted_text"], response["unredacted_words"]
    assert "jane@" not in str(response)


def test_channels_are_told_apart(sdk: Sdk, recordings: Path) -> None:
    facts = sdk.do("transcribe", source=str(recordings / "stereo.wav"), multichannel=True)
    assert {utterance["speaker"] for utterance in facts["utterances"]} == {"1", "2"}
    starts = [word["start"] for word in facts["words"]]
    assert starts == sorted(starts)
    assert facts["response"]["multichannel"] is True
    first = [utterance for utterance in facts["utterances"] if utterance["speaker"] == "1"]
    assert said(first[0]).startswith(OPENING)
    assert all(utterance["words"] for utterance in facts["utterances"])


def test_speakers_are_told_apart(sdk: Sdk, recordings: Path) -> None:
    facts = sdk.do(
        "transcribe",
        source=str(recordings / "meeting.wav"),
        speaker_labels=True,
        speakers_expected=2,
    )
    assert [utterance["speaker"] for utterance in facts["utterances"]] == ["A", "B"]
    assert said(facts["utterances"][0]).startswith(OPENING)
    assert {word["speaker"] for word in facts["words"]} == {"A", "B"}
    assert facts["response"]["speaker_labels"] is True
    assert facts["response"]["speakers_expected"] == 2
    sentences = sdk.do("sentences", transcript_id=facts["id"])
    assert [sentence["speaker"] for sentence in sentences] == sorted(
        sentence["speaker"] for sentence in sentences
    )


def test_speakers_are_told_apart_on_each_channel(sdk: Sdk, recordings: Path) -> None:
    facts = sdk.do(
        "transcribe",
        source=str(recordings / "stereo.wav"),
        speaker_labels=True,
        speaker_options={"max_speakers_expected": 1},
        multichannel=True,
    )
    assert {(one["speaker"], one["channel"]) for one in facts["utterances"]} == {
        ("1A", "1"),
        ("2A", "2"),
    }


def test_a_window_keeps_the_times_of_the_whole_file(sdk: Sdk, speech: Path) -> None:
    facts = sdk.do("transcribe", source=str(speech), audio_start_from=4000, audio_end_at=8000)
    assert facts["words"]
    assert all(4000 <= word["start"] < word["end"] <= 8000 for word in facts["words"])


def test_text_comes_as_plain_as_asked_for(sdk: Sdk, speech: Path) -> None:
    facts = sdk.do("transcribe", source=str(speech), punctuate=False, format_text=False)
    assert facts["text"].startswith(OPENING)
    assert facts["text"] == said(facts)


@pytest.mark.parametrize("model", ["best", "nano", "slam-1", "universal"])
def test_every_name_of_a_speech_model_is_taken(sdk: Sdk, recordings: Path, model: str) -> None:
    facts = sdk.do("transcribe", source=str(recordings / "short.wav"), speech_model=model)
    assert facts["status"] == "completed"
    assert facts["response"]["speech_model"] == model


@OF_THE_NEWER_SDK
def test_the_newer_list_of_speech_models_is_taken(sdk: Sdk, recordings: Path) -> None:
    models = ["universal-3-pro", "universal-2"]
    facts = sdk.do("transcribe", source=str(recordings / "short.wav"), speech_models=models)
    assert facts["status"] == "completed"
    assert facts["response"]["speech_models"] == models


def test_a_language_is_detected_with_its_confidence(sdk: Sdk, speech: Path) -> None:
    facts = sdk.do("transcribe", source=str(speech), language_detection=True)
    assert said(facts).startswith(OPENING)
    assert facts["response"]["language_code"] == "en"
    assert 0.9 < facts["response"]["language_confidence"] <= 1.0


def test_a_language_that_is_not_sure_enough_is_an_error_of_the_transcript(
    sdk: Sdk, speech: Path
) -> None:
    facts = sdk.do(
        "transcribe",
        source=str(speech),
        language_detection=True,
        language_confidence_threshold=1.0,
    )
    assert facts["status"] == "error"
    assert "below the requested confidence threshold value of '1.0'" in facts["error"]


def test_a_wrong_key_is_an_error_that_says_so(
    connect_sdk: Callable[..., Sdk], server: Server, speech: Path
) -> None:
    stranger = connect_sdk(server.url, "not-a-key")
    for action, arguments in [
        ("upload", {"source": str(speech)}),
        ("transcribe", {"source": "http://127.0.0.1/nothing.wav"}),
        ("page", {}),
    ]:
        refusal = stranger.answer(action, **arguments)
        assert "Authentication error, API token missing/invalid" in refusal["message"]
        assert refusal["raised"] in {"TranscriptError", "AssemblyAIError"}


def test_a_web_page_is_an_error_of_the_transcript(sdk: Sdk, recordings: Path) -> None:
    facts = sdk.do("transcribe", source=str(recordings / "page.html"))
    assert facts["status"] == "error"
    expected = "File does not appear to contain audio. File type is text/html"
    assert expected in facts["error"]
    assert facts["text"] is None


def test_a_url_that_leads_nowhere_is_an_error_of_the_transcript(
    sdk: Sdk, receiver: Receiver
) -> None:
    facts = sdk.do("transcribe", source=f"{receiver.url}/missing.wav")
    assert facts["status"] == "error"
    assert facts["error"].startswith("Download error")


def test_an_unknown_id_is_an_error_that_says_so(sdk: Sdk) -> None:
    for action in ("get", "delete", "sentences"):
        refusal = sdk.answer(action, transcript_id=str(uuid.uuid4()))
        assert refusal["raised"] == "TranscriptError"
        assert "Transcript lookup error, transcript id not found" in refusal["message"]


def test_an_empty_file_is_refused_at_upload(sdk: Sdk, recordings: Path) -> None:
    refusal = sdk.answer("upload", source=str(recordings / "empty.wav"))
    assert refusal["raised"] == "TranscriptError"
    assert "Failed to upload audio file: Upload failed" in refusal["message"]


def test_redacted_audio_is_waited_for_and_saved_without_a_key(
    sdk: Sdk, speech: Path, tmp_path: Path
) -> None:
    path = tmp_path / "redacted.mp3"
    facts = sdk.do(
        "save_redacted_audio",
        source=str(speech),
        path=str(path),
        redact_pii=True,
        redact_pii_policies=["duration"],
        redact_pii_audio=True,
        redact_pii_audio_quality="mp3",
    )
    assert facts["url"].partition("?")[0].endswith(".mp3")
    assert facts["n_bytes"] == path.stat().st_size > 50_000
    assert path.read_bytes()[:3] == b"ID3"


def test_redacted_audio_that_nobody_asked_for_is_gone(sdk: Sdk, transcript_id: str) -> None:
    facts = sdk.do("redacted_audio", transcript_id=transcript_id)
    assert facts == {"expired": True, "status_code": 400}


def test_the_sdk_works_over_tls_with_the_local_authority(
    connect_sdk: Callable[..., Sdk], server: Server, api: Api, speech: Path, ca_path: Path
) -> None:
    trusting = connect_sdk(server.urls[1], api.key, SSL_CERT_FILE=str(ca_path))
    assert said(trusting.do("transcribe", source=str(speech))).startswith(OPENING)


def test_the_sdk_refuses_tls_by_an_authority_it_does_not_know(
    connect_sdk: Callable[..., Sdk], server: Server, api: Api, speech: Path
) -> None:
    refusal = connect_sdk(server.urls[1], api.key).answer("upload", source=str(speech))
    assert "CERTIFICATE_VERIFY_FAILED" in refusal["message"]
