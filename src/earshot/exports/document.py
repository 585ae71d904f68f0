"""A transcript as one JSON document, with the keys of the compatible API."""

import json
from dataclasses import asdict
from typing import Any

from earshot.exports.findings import describe_findings
from earshot.transcript.result import TranscriptResult
from earshot.transcript.times import ms_to_whole_s
from earshot.transcript.words import Utterance, Word


def render_json(result: TranscriptResult) -> str:
    """Times of words in ms, `audio_duration` in whole seconds, as the HTTP API answers."""
    utterances = result.utterances
    document: dict[str, Any] = {
        "text": result.text,
        "words": [_describe_word(word) for word in result.words],
        "utterances": None if utterances is None else [_describe(item) for item in utterances],
        "audio_duration": ms_to_whole_s(result.duration_ms),
        "confidence": result.confidence,
    }
    if result.known_speakers is not None:
        document["known_speakers"] = [asdict(known) for known in result.known_speakers]
    if result.findings is not None:
        document |= describe_findings(result.findings)
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _describe_word(word: Word) -> dict[str, Any]:
    described: dict[str, Any] = {
        "text": word.text,
        "start": word.start_ms,
        "end": word.end_ms,
        "confidence": word.confidence,
        "speaker": word.speaker,
    }
    if word.channel is not None:
        described["channel"] = str(word.channel)
    return described


def _describe(utterance: Utterance) -> dict[str, Any]:
    described: dict[str, Any] = {
        "speaker": utterance.speaker,
        "text": utterance.text,
        "start": utterance.start_ms,
        "end": utterance.end_ms,
        "confidence": utterance.confidence,
        "words": [_describe_word(word) for word in utterance.words],
    }
    if utterance.channel is not None:
        described["channel"] = str(utterance.channel)
    return described
