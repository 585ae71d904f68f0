"""Universal-Streaming v3: `/v3/ws`, and the words of its protocol."""

import json
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.websockets import WebSocket

from earshot.api.compat import Compat
from earshot.api.faults import Close, SessionFault, close_code, close_reason
from earshot.api.live_connection import serve_live
from earshot.api.live_plan import SessionFacts, SessionPlan, SessionWebhook
from earshot.api.live_services import LiveServices
from earshot.api.schemas.live_messages import (
    Command,
    JsonObject,
    begin_message,
    error_message,
    heartbeat_message,
    read_command,
    speaker_revision_message,
    speech_started_message,
    termination_message,
    turn_message,
    warning_message,
)
from earshot.api.schemas.live_parameters import (
    KEYTERMS,
    MAX_KEYTERM_CHARACTERS,
    MODELS_THAT_TELL_SPEECH,
    MULTILINGUAL_MODEL,
    LiveParameters,
    SessionParameters,
    invalid_parameter,
    merge_update,
    redaction_of,
)
from earshot.api.services import ApiServices
from earshot.errors import NamesNotInstalled, SpeakersNotInstalled
from earshot.recognition.language import UNDETERMINED
from earshot.recognition.language_codes import language_of
from earshot.streaming.events import SpeechStarted, Told, TurnUpdated
from earshot.streaming.options import LiveOptions
from earshot.transcript.redaction_policies import can_be_hidden, policies_for_a_tagger

router = APIRouter()

CHUNK_MS: Final = (50, 1000)
WITHOUT_EFFECT: Final = (
    "prompt",
    "agent_context",
    "interruption_delay",
    "turn_left_pad_ms",
    "domain",
    "mode",
    "voice_focus",
    "voice_focus_threshold",
    "noise_suppression_model",
    "noise_suppression_threshold",
    "customer_support_audio_capture",
)


# The first of each pair does nothing without the second.
NEEDED_BESIDE: Final = (
    ("max_speakers", "speaker_labels"),
    ("redact_pii_policies", "redact_pii"),
    ("redact_pii_sub", "redact_pii"),
    ("webhook_auth_header_name", "webhook_url"),
    ("webhook_auth_header_name", "webhook_auth_header_value"),
    ("webhook_auth_header_value", "webhook_url"),
    ("webhook_auth_header_value", "webhook_auth_header_name"),
)
# What an update may name and not change: the engine hears one language.
FIXED: Final = {"language_codes", *SessionParameters.model_fields} - {
    name for name in LiveParameters.model_fields if name != "language_codes"
}


@router.websocket("/v3/ws")
async def stream(socket: WebSocket) -> None:
    """One live session."""
    services: ApiServices = socket.app.state.services
    await serve_live(socket, services, StreamingDialect(services.options.compat))


class StreamingDialect:
    """The protocol of `/v3/ws`."""

    def __init__(self, compat: Compat) -> None:
        self._compat = compat
        self._parameters = SessionParameters()
        self._engine = ""
        self._language: str | None = "en"
        self._warnings: tuple[str, ...] = ()

    def plan(self, query: QueryParams, live: LiveServices) -> SessionPlan:
        parameters = SessionParameters.read(_grouped(query))
        _require_available(parameters, live)
        self._parameters = parameters
        self._engine, self._language = _choose_engine(parameters, live)
        _require_redactable(parameters, self._language)
        given = parameters.model_fields_set
        self._warnings = (*_warnings(parameters, given), *self._language_warnings(live))
        return SessionPlan(
            engine=self._engine,
            options=self._options(),
            encoding=parameters.encoding,
            sample_rate=parameters.sample_rate,
            chunk_ms=CHUNK_MS,
            idle_s=parameters.inactivity_timeout,
            max_ahead_s=live.limits.max_ahead_s,
            webhook=_webhook(parameters),
            llm_gateway=parameters.llm_gateway or None,
        )

    def begin(self, session_id: str, expires_at: datetime) -> Sequence[JsonObject]:
        parameters = self._parameters
        configuration: JsonObject = {
            "model": self._engine,
            "mode": None,
            "speaker_labels": parameters.speaker_labels,
            "redact_pii": parameters.redact_pii,
            "filter_profanity": parameters.filter_profanity,
            "domain": None,
            "voice_focus": None,
        }
        begin = begin_message(session_id, expires_at, configuration)
        return [begin, *map(warning_message, self._warnings)]

    def tell(self, told: Told) -> Sequence[JsonObject]:
        match told:
            case TurnUpdated() if told.is_end or self._parameters.include_partial_turns:
                return [turn_message(told)]
            case TurnUpdated():
                return []
            case SpeechStarted():
                if self._parameters.speech_model in MODELS_THAT_TELL_SPEECH:
                    return [speech_started_message(told)]
                return []
            case _:
                return [speaker_revision_message(told)]

    def beat(self, facts: SessionFacts) -> Sequence[JsonObject]:
        if not self._parameters.session_heartbeat:
            return []
        return [
            heartbeat_message(
                audio_ms=facts.audio_ms,
                session_ms=facts.session_ms,
                realtime_factor=facts.realtime_factor,
                speech_probability=facts.speech_probability,
            )
        ]

    def end(self, facts: SessionFacts) -> Sequence[JsonObject]:
        return [termination_message(audio_ms=facts.audio_ms, session_ms=facts.session_ms)]

    def read(self, text: str) -> Command:
        return read_command(text)

    def update(self, changes: JsonObject) -> tuple[LiveOptions, Sequence[JsonObject]]:
        self._parameters = merge_update(self._parameters, changes)
        given = {name for name, value in changes.items() if value is not None}
        fixed = [f"{name} stays as the session began" for name in sorted(given & FIXED)]
        warnings = [*_warnings(self._parameters, given - FIXED), *fixed]
        return self._options(), [warning_message(warning) for warning in warnings]

    def refuse(self, fault: SessionFault) -> tuple[Sequence[JsonObject], Close]:
        code = close_code(fault.kind, self._compat)
        return [error_message(code, fault.text)], Close(code, close_reason(fault.text))

    def _options(self) -> LiveOptions:
        parameters = self._parameters
        return LiveOptions(
            turns=parameters.turns(self._compat),
            formats_turns=parameters.format_turns,
            # Its turns are told "already formatted", in a single message.
            writes_words=parameters.speech_model == MULTILINGUAL_MODEL,
            filters_profanity=parameters.filter_profanity,
            vocabulary=parameters.vocabulary,
            speaker_labels=parameters.speaker_labels,
            max_speakers=parameters.max_speakers,
            language=self._language,
            detects_language=parameters.language_detection,
            redaction=redaction_of(parameters),
        )

    def _language_warnings(self, live: LiveServices) -> Iterator[str]:
        asks_for_more = _is_multilingual(self._parameters)
        if asks_for_more and not live.engines.knows(self._engine, "es"):
            yield f"Only English is transcribed: the model here is {self._engine}"


def _grouped(query: QueryParams) -> dict[str, Any]:
    """Each parameter by its name; what is given repeatedly as one list, also of lists in JSON."""
    values = {name: query.getlist(name) for name in query}
    return {
        name: given[0] if len(given) == 1 else [item for one in given for item in _items(one)]
        for name, given in values.items()
    }


def _items(text: str) -> list[Any]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return [text]
    return parsed if isinstance(parsed, list) else [text]


def _require_available(parameters: SessionParameters, live: LiveServices) -> None:
    if parameters.language is not None and parameters.speech_model == "whisper-rt":
        raise invalid_parameter("language", "language is not supported by 'whisper-rt'")
    if parameters.speaker_labels and not live.limits.tells_speakers:
        raise invalid_parameter("speaker_labels", str(SpeakersNotInstalled()))
    redaction = redaction_of(parameters)
    needing = () if redaction is None else policies_for_a_tagger(redaction.policies)
    if needing and not live.limits.finds_names:
        raise invalid_parameter("redact_pii_policies", str(NamesNotInstalled(needing)))


def _require_redactable(parameters: SessionParameters, language: str | None) -> None:
    """SessionFault where secrets would stay readable, because of the language."""
    redaction = redaction_of(parameters)
    if redaction is not None and not can_be_hidden(redaction, language or UNDETERMINED):
        raise invalid_parameter("redact_pii", "it is for sessions in English")


def _choose_engine(parameters: SessionParameters, live: LiveServices) -> tuple[str, str | None]:
    """The engine, and the language that it is to hear; None leaves it to find out."""
    name, code = _asked_language(parameters)
    language = language_of(code) if code else None
    needs_whisper = parameters.speech_model == "whisper-rt"
    if needs_whisper or _is_multilingual(parameters):
        engine = live.engines.choose(language=language, is_multilingual=True)
        if engine is not None:
            return engine, language
    engine = live.engines.choose(language=language, is_multilingual=False)
    if engine is not None and not needs_whisper:
        return engine, language or "en"
    if needs_whisper:
        raise invalid_parameter(
            "speech_model",
            "'whisper-rt' is not available on this server: no Whisper model is installed. "
            "Run: earshot models pull whisper-small",
        )
    raise invalid_parameter(
        name, f"'{code}' is not available on this server: no installed model transcribes it"
    )


def _asked_language(parameters: SessionParameters) -> tuple[str, str | None]:
    if parameters.language_codes:
        return "language_codes", parameters.language_codes[0]
    return "language_code", parameters.language_code


def _is_multilingual(parameters: SessionParameters) -> bool:
    return parameters.speech_model == MULTILINGUAL_MODEL or parameters.language == "multi"


def _warnings(parameters: SessionParameters, given: AbstractSet[str]) -> Iterator[str]:
    """A sentence for each parameter that was given and changes nothing."""
    for name in WITHOUT_EFFECT:
        if name in given and getattr(parameters, name) is not False:
            yield f"{name} has no effect on this server"
    for name, needed in NEEDED_BESIDE:
        if name in given and not getattr(parameters, needed):
            yield f"{name} has no effect without {needed}"
    if "continuous_partials" in given and not parameters.continuous_partials:
        yield "continuous_partials has no effect: words are always told while they are spoken"
    if "language_codes" in given and len(parameters.language_codes or ()) > 1:
        yield "language_codes: only the first one is used"
    terms = parameters.keyterms_prompt if not given.isdisjoint(KEYTERMS) else []
    if any(len(term) > MAX_KEYTERM_CHARACTERS for term in terms):
        yield f"keyterms_prompt: terms over {MAX_KEYTERM_CHARACTERS} characters are ignored"


def _webhook(parameters: SessionParameters) -> SessionWebhook | None:
    if parameters.webhook_url is None:
        return None
    webhook = SessionWebhook(parameters.webhook_url)
    name, value = parameters.webhook_auth_header_name, parameters.webhook_auth_header_value
    if not name or not value:
        return webhook
    return replace(webhook, auth_header_name=name, auth_header_value=value)
