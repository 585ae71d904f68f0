import json
from dataclasses import replace

from earshot.exports.document import render_json
from earshot.transcript.findings import Findings
from earshot.transcript.result import KnownSpeaker, TranscriptResult
from earshot.transcript.words import Utterance, Word


def test_the_document_has_the_keys_and_units_of_the_api() -> None:
    words = (Word("Ol\u00e1,", 100, 400, 0.5), Word("you.", 450, 700, 1.0))
    rendered = render_json(TranscriptResult(words, None, 1_280, None, "en_us", "moonshine-tiny"))
    assert json.loads(rendered) == {
        "text": "Ol\u00e1, you.",
        "words": [
            {"text": "Ol\u00e1,", "start": 100, "end": 400, "confidence": 0.5, "speaker": None},
            {"text": "you.", "start": 450, "end": 700, "confidence": 1.0, "speaker": None},
        ],
        "utterances": None,
        "audio_duration": 2,
        "confidence": 0.75,
    }
    assert "Ol\u00e1" in rendered
    assert rendered.endswith("}\n")


def test_channels_are_strings_and_utterances_hold_their_words() -> None:
    words = (Word("Hi.", 0, 300, 0.9, "2", 2),)
    result = TranscriptResult(
        words, (Utterance(words, "2", 2),), 1_000, 2, "en_us", "moonshine-tiny"
    )
    (utterance,) = json.loads(render_json(result))["utterances"]
    assert utterance["channel"] == utterance["speaker"] == "2"
    assert utterance["words"][0]["channel"] == "2"
    assert (utterance["start"], utterance["end"], utterance["text"]) == (0, 300, "Hi.")


def test_known_voices_are_there_where_they_were_asked_for() -> None:
    result = TranscriptResult((), (), 1_000, None, "en_us", "moonshine-tiny")
    assert "known_speakers" not in json.loads(render_json(result))
    named = replace(result, known_speakers=(KnownSpeaker("A", "Maria", 0.5),))
    assert json.loads(render_json(named))["known_speakers"] == [
        {"speaker": "A", "name": "Maria", "confidence": 0.5}
    ]


def test_what_was_found_out_stands_beside_the_text() -> None:
    result = TranscriptResult((), None, 1_000, None, "en_us", "moonshine-tiny")
    assert "summary" not in json.loads(render_json(result))
    found = replace(result, findings=Findings(summary="Smoke."))
    assert json.loads(render_json(found))["summary"] == "Smoke."
