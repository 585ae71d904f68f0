"""The first real-time API: `/v2/realtime/ws`, and the words of its protocol."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.websockets import WebSocket

from earshot.api.faults import LEGACY_CLOSES, Close, FaultKind, SessionFault
from earshot.api.live_connection import serve_live
from earshot.api.live_plan import SessionFacts, SessionPlan
from earshot.api.live_services import LiveServices
from earshot.api.schemas.live_messages import (
    Audio,
    Command,
    ForceEndpoint,
    JsonObject,
    Terminate,
    Update,
    parse_message,
)
from earshot.api.services import ApiServices
from earshot.audio.live import ENCODINGS
from earshot.streaming.events import Told, TurnUpdated
from earshot.streaming.options import LiveOptions, TurnPolicy
from earshot.transcript.clock import Clock
from earshot.transcript.options import Vocabulary

router = APIRouter()

CHUNK_MS: Final = (100, 2000)
IDLE_S: Final = 60.0
MAX_WORD_BOOST_CHARACTERS: Final = 2500
DEFAULT_SILENCE_MS: Final = 700
MAX_SILENCE_MS: Final = 20_000
MAX_SAMPLE_RATE: Final = 96_000
SILENCE_THRESHOLD: Final = "end_utterance_silence_threshold"
_SAMPLE_RATE: Final = re.compile(r"[0-9]{1,9}")


@router.websocket("/v2/realtime/ws")
async def realtime(socket: WebSocket) -> None:
    """One live session of the first real-time API."""
    services: ApiServices = socket.app.state.services
    await serve_live(socket, services, RealtimeDialect(services.clock))


class RealtimeDialect:
    """The protocol of `/v2/realtime/ws`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._options = LiveOptions(turns=_turns(DEFAULT_SILENCE_MS), formats_turns=True)
        self._tells_partials = True
        self._tells_session = False

    def plan(self, query: QueryParams, live: LiveServices) -> SessionPlan:
        self._tells_partials = not _flag(query, "disable_partial_transcripts")
        self._tells_session = _flag(query, "enable_extra_session_information")
        vocabulary = _vocabulary(query.get("word_boost") or "[]")
        self._options = replace(self._options, vocabulary=vocabulary)
        encoding = query.get("encoding") or "pcm_s16le"
        if encoding not in ENCODINGS:
            raise SessionFault(FaultKind.INVALID_MESSAGE, "encoding")
        engine = live.engines.choose(language="en", is_multilingual=False)
        if engine is None:
            raise SessionFault(FaultKind.SERVER_FAULT, "no engine")
        return SessionPlan(
            engine=engine,
            options=self._options,
            encoding=encoding,
            sample_rate=_sample_rate(query),
            chunk_ms=CHUNK_MS,
            idle_s=IDLE_S,
            max_ahead_s=live.limits.max_ahead_s,
        )

    def begin(self, session_id: str, expires_at: datetime) -> Sequence[JsonObject]:
        return [
            {
                "message_type": "SessionBegins",
                "session_id": session_id,
                "expires_at": _moment(expires_at),
            }
        ]

    def tell(self, told: Told) -> Sequence[JsonObject]:
        if not isinstance(told, TurnUpdated):
            return []
        if told.is_end:
            return [self._final(told)] if told.is_formatted else []
        return [self._transcript("PartialTranscript", told)] if self._tells_partials else []

    def beat(self, facts: SessionFacts) -> Sequence[JsonObject]:
        del facts  # this protocol has no heartbeat
        return []

    def end(self, facts: SessionFacts) -> Sequence[JsonObject]:
        information = {
            "message_type": "SessionInformation",
            "audio_duration_seconds": facts.audio_ms / 1000,
        }
        terminated = {"message_type": "SessionTerminated"}
        return [information, terminated] if self._tells_session else [terminated]

    def read(self, text: str) -> Command:
        message = parse_message(text)
        for name, read in _READERS.items():
            if name in message:
                return read(message[name])
        raise _schema_fault()

    def update(self, changes: JsonObject) -> tuple[LiveOptions, Sequence[JsonObject]]:
        self._options = replace(self._options, turns=_turns(changes[SILENCE_THRESHOLD]))
        return self._options, []

    def refuse(self, fault: SessionFault) -> tuple[Sequence[JsonObject], Close]:
        code, text = LEGACY_CLOSES[fault.kind]
        return [{"error": text}], Close(code, text)

    def _final(self, turn: TurnUpdated) -> JsonObject:
        transcript = self._transcript("FinalTranscript", turn)
        return {**transcript, "punctuated": True, "text_formatted": True}

    def _transcript(self, message_type: str, turn: TurnUpdated) -> JsonObject:
        words = turn.words
        confidence = sum(word.confidence for word in words) / len(words) if words else 0.0
        return {
            "message_type": message_type,
            "created": _moment(self._clock()),
            "audio_start": words[0].start_ms if words else 0,
            "audio_end": words[-1].end_ms if words else 0,
            "confidence": round(confidence, 6),
            "text": " ".join(word.text for word in words),
            "words": [
                {
                    "start": word.start_ms,
                    "end": word.end_ms,
                    "confidence": round(word.confidence, 6),
                    "text": word.text,
                }
                for word in words
            ],
        }


def _terminate(value: object) -> Command:
    return Terminate() if value is True else _refuse_value()


def _force_end(value: object) -> Command:
    return ForceEndpoint() if value is True else _refuse_value()


def _silence_threshold(value: object) -> Command:
    is_flag = isinstance(value, bool)
    if isinstance(value, int) and not is_flag and 0 <= value <= MAX_SILENCE_MS:
        return Update({SILENCE_THRESHOLD: value})
    raise _schema_fault()


def _audio(value: object) -> Command:
    try:
        return Audio(base64.b64decode(value if isinstance(value, str) else "?", validate=True))
    except (binascii.Error, ValueError):
        raise _schema_fault() from None


_READERS: Final[dict[str, Callable[[Any], Command]]] = {
    "audio_data": _audio,
    "terminate_session": _terminate,
    "force_end_utterance": _force_end,
    SILENCE_THRESHOLD: _silence_threshold,
}


def _refuse_value() -> Command:
    raise _schema_fault()


def _schema_fault() -> SessionFault:
    text = LEGACY_CLOSES[FaultKind.INVALID_MESSAGE].text
    return SessionFault(FaultKind.INVALID_MESSAGE, text)


def _turns(silence_ms: int) -> TurnPolicy:
    """Silence alone ends an utterance."""
    return TurnPolicy(
        confidence_threshold=1.0, min_silence_ms=silence_ms, max_silence_ms=silence_ms
    )


def _flag(query: QueryParams, name: str) -> bool:
    return query.get(name, "").lower() in {"true", "1"}


def _sample_rate(query: QueryParams) -> int:
    given = query.get("sample_rate", "")
    if not _SAMPLE_RATE.fullmatch(given) or not 0 < int(given) <= MAX_SAMPLE_RATE:
        text = LEGACY_CLOSES[FaultKind.INVALID_SAMPLE_RATE].text
        raise SessionFault(FaultKind.INVALID_SAMPLE_RATE, text)
    return int(given)


def _vocabulary(word_boost: str) -> Vocabulary:
    try:
        terms = json.loads(word_boost)
    except (ValueError, RecursionError):
        terms = None
    is_list = isinstance(terms, list) and all(isinstance(term, str) for term in terms)
    if not is_list or len(word_boost) > MAX_WORD_BOOST_CHARACTERS:
        text = LEGACY_CLOSES[FaultKind.INVALID_VOCABULARY].text
        raise SessionFault(FaultKind.INVALID_VOCABULARY, text)
    squeezed = (" ".join(term.split()) for term in terms)
    return Vocabulary(tuple(dict.fromkeys(term for term in squeezed if term)))


def _moment(moment: datetime) -> str:
    """ISO without zone, with microseconds: `2023-11-04T16:51:38.316048`."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
