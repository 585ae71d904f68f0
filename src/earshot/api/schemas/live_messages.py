"""The messages of `/v3/ws`, both ways. Times are in ms from the start of the session's audio."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any, Final

from earshot.api.faults import FaultKind, SessionFault
from earshot.streaming.events import LiveWord, SpeakersRevised, SpeechStarted, TurnUpdated

API_VERSION: Final = "2025-05-12"
# Our own: the contract has no list of them.
WARNING_WITHOUT_EFFECT: Final = 4000

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Terminate:
    """There is no more audio: tell what is left, and end."""


@dataclass(frozen=True, slots=True)
class ForceEndpoint:
    """End the turn here."""


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """The client is still there."""


@dataclass(frozen=True, slots=True)
class Update:
    """Go on with other parameters."""

    changes: JsonObject


@dataclass(frozen=True, slots=True)
class Audio:
    """A chunk of audio, as older clients send it: in a text."""

    chunk: bytes


Command = Terminate | ForceEndpoint | KeepAlive | Update | Audio

_ECHO_CHARACTERS = 60  # of what the client sent, in the text that says what is wrong with it


def read_command(text: str) -> Command:
    """What a text frame asks for; SessionFault where it is none of the contract's messages."""
    message = parse_message(text)
    match message.get("type"):
        case "Terminate":
            return Terminate()
        case "ForceEndpoint":
            return ForceEndpoint()
        case "KeepAlive":
            return KeepAlive()
        case "UpdateConfiguration":
            return Update({name: value for name, value in message.items() if name != "type"})
        case _ if message.get("terminate_session") is True:  # the older form
            return Terminate()
    raise SessionFault(FaultKind.INVALID_MESSAGE, f"Invalid Message Type: {_shortened(text)}")


def parse_message(text: str) -> JsonObject:
    """The JSON object in a text frame."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise SessionFault(FaultKind.INVALID_JSON, f"Invalid JSON: {_shortened(text)}") from None
    if not isinstance(message, dict):
        raise SessionFault(FaultKind.INVALID_MESSAGE, f"Invalid Message: {_shortened(text)}")
    return message


def _shortened(text: str) -> str:
    return text if len(text) <= _ECHO_CHARACTERS else text[:_ECHO_CHARACTERS] + "..."


def begin_message(session_id: str, expires_at: datetime, configuration: JsonObject) -> JsonObject:
    return {
        "type": "Begin",
        "id": session_id,
        "expires_at": int(expires_at.timestamp()),  # "unix seconds int"
        "configuration": {**configuration, "api_version": API_VERSION},
    }


def turn_message(turn: TurnUpdated) -> JsonObject:
    message: JsonObject = {
        "turn_order": turn.turn_order,
        "turn_is_formatted": turn.is_formatted,
        "end_of_turn": turn.is_end,
        "transcript": turn.transcript,
        "end_of_turn_confidence": turn.end_confidence,
        "words": _words(turn.words),
        "utterance": turn.utterance,
    }
    if turn.speaker_label is not None:
        message["speaker_label"] = turn.speaker_label
    if turn.language is not None:
        message["language_code"] = turn.language.code
        message["language_confidence"] = turn.language.confidence
    return {**message, "type": "Turn"}  # "`type` is the last key on the wire"


def speech_started_message(started: SpeechStarted) -> JsonObject:
    return {
        "type": "SpeechStarted",
        "timestamp": started.at_ms,
        "confidence": started.confidence,
    }


def speaker_revision_message(revised: SpeakersRevised) -> JsonObject:
    revisions = [
        {
            "turn_order": revision.turn_order,
            "speaker_label": revision.speaker_label,
            "words": _words(revision.words),
        }
        for revision in revised.revisions
    ]
    return {"type": "SpeakerRevision", "revisions": revisions}


def heartbeat_message(
    *, audio_ms: int, session_ms: int, realtime_factor: float, speech_probability: float
) -> JsonObject:
    return {
        "type": "Heartbeat",
        "total_audio_received_ms": audio_ms,
        "total_duration_ms": session_ms,
        "realtime_factor": round(realtime_factor, 4),
        "max_speech_probability": round(speech_probability, 4),
    }


def warning_message(text: str) -> JsonObject:
    return {"type": "Warning", "warning_code": WARNING_WITHOUT_EFFECT, "warning": text}


def error_message(code: int, text: str) -> JsonObject:
    return {"type": "Error", "error_code": code, "error": text}


def termination_message(*, audio_ms: int, session_ms: int) -> JsonObject:
    """How long it was ("float breaks SDK"): whole seconds, rounded up as `audio_duration` is."""
    return {
        "type": "Termination",
        "audio_duration_seconds": ceil(audio_ms / 1000),
        "session_duration_seconds": ceil(session_ms / 1000),
    }


def _words(words: Sequence[LiveWord]) -> list[JsonObject]:
    return [_word(word) for word in words]


def _word(word: LiveWord) -> JsonObject:
    message: JsonObject = {
        "start": word.start_ms,
        "end": word.end_ms,
        "text": word.text,
        "confidence": round(word.confidence, 6),
        "word_is_final": word.is_final,
    }
    if word.speaker is not None:
        message["speaker"] = word.speaker
    return message
