"""The query parameters of a live session, and the same names in `UpdateConfiguration`."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from earshot.api.compat import Compat
from earshot.api.faults import FaultKind, SessionFault
from earshot.api.schemas.parameters import entity_name, header_name, web_url
from earshot.api.schemas.wire import TO_FIRST_FAULT
from earshot.streaming.options import TurnPolicy
from earshot.transcript.options import RedactionOptions, Vocabulary
from earshot.transcript.redaction_policies import POLICIES, policies_not_met

DEFAULT_SPEECH_MODEL: Final = "universal-streaming-english"
MULTILINGUAL_MODEL: Final = "universal-streaming-multilingual"
SPEECH_MODELS: Final = (
    DEFAULT_SPEECH_MODEL,
    MULTILINGUAL_MODEL,
    "u3-rt-pro",
    "u3-rt-pro-beta-1",
    "u3-pro",
    "whisper-rt",
    "universal-3-5-pro",
    "universal-3-6",  # newer than the contract, and what LiveKit's plugin asks for by itself
    "universal-3-6-pro",
)
# Those whose clients are told when somebody begins to speak.
MODELS_THAT_TELL_SPEECH: Final = tuple(
    name for name in SPEECH_MODELS if name.startswith(("u3-", "universal-3-"))
)
ENCODINGS: Final = ("pcm_s16le", "pcm_mulaw", "opus", "ogg_opus", "aac")
MIN_SAMPLE_RATE: Final = 8_000
MAX_SAMPLE_RATE: Final = 96_000
# The second is what npm's assemblyai 4.14 sends.
KEYTERMS: Final = ("keyterms_prompt", "keyterms")
MAX_KEYTERMS: Final = 100
MAX_KEYTERM_CHARACTERS: Final = 50
MAX_PROMPT_CHARACTERS: Final = 1750

_DEFAULT_TURNS: Final[Mapping[Compat, TurnPolicy]] = {
    "2025": TurnPolicy(confidence_threshold=0.7, min_silence_ms=160, max_silence_ms=2400),
    "2026": TurnPolicy(),
    "lenient": TurnPolicy(),
}
_MILLISECONDS_MAX: Final = 2**31 - 1
_UNSENDABLE: Final = {
    "webhook_url": "must be an http or https URL without a user name or password",
    "webhook_auth_header_name": "must be the name of an HTTP header that is not reserved",
}
# RFC 9110, 5.5, without what is not ASCII: nothing that could break out of the header.
_HEADER_VALUE: Final = r"^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$"

T = TypeVar("T")


def _split_list(value: object) -> object:
    """The list: "lists as one JSON string; also accept repeated keys"."""
    if not isinstance(value, str):
        return value
    if not value.lstrip().startswith("["):
        return [value]
    try:
        parsed: object = json.loads(value)
    except (ValueError, RecursionError):
        raise ValueError("is not a JSON array of strings") from None
    return parsed


def _no_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("is a boolean, not a number")  # noqa: TRY004 - what a validator raises
    return value


Ratio = Annotated[float, Field(ge=0, le=1), BeforeValidator(_no_boolean)]
Milliseconds = Annotated[int, Field(ge=0, le=_MILLISECONDS_MAX), BeforeValidator(_no_boolean)]
Texts = Annotated[list[str], TO_FIRST_FAULT, BeforeValidator(_split_list)]


def _at_most_100(terms: list[str]) -> list[str]:
    if len(terms) > MAX_KEYTERMS:
        raise ValueError(f"Max {MAX_KEYTERMS} items")
    return terms


class LiveParameters(BaseModel):
    """What may be set when a session begins and changed while it goes on."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    end_of_turn_confidence_threshold: Ratio | None = None
    min_end_of_turn_silence_when_confident: Milliseconds | None = None
    min_turn_silence: Milliseconds | None = None
    max_turn_silence: Milliseconds | None = None
    vad_threshold: Ratio | None = None
    format_turns: bool = False
    keyterms_prompt: Annotated[
        Texts, AfterValidator(_at_most_100), Field(validation_alias=AliasChoices(*KEYTERMS))
    ] = []
    filter_profanity: bool = False
    prompt: Annotated[str, Field(max_length=MAX_PROMPT_CHARACTERS)] | None = None
    agent_context: Annotated[str, Field(max_length=MAX_PROMPT_CHARACTERS)] | None = None
    interruption_delay: Annotated[int, Field(ge=0, le=1000)] | None = None
    turn_left_pad_ms: Milliseconds | None = None
    language_codes: Texts | None = None
    session_heartbeat: bool = False

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """The parameters checked, nulls and empty texts taken for absence; else SessionFault."""
        present = {name: value for name, value in given.items() if value not in (None, "")}
        try:
            return cls.model_validate(present)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)[0]
            raise invalid_parameter(str(found["loc"][0]), found["msg"]) from None

    def turns(self, compat: Compat) -> TurnPolicy:
        """When turns end; what was not given is the served generation's default."""
        default = _DEFAULT_TURNS[compat]
        return TurnPolicy(
            confidence_threshold=_first(
                self.end_of_turn_confidence_threshold, default.confidence_threshold
            ),
            min_silence_ms=_first(
                self.min_turn_silence,  # "new wins if both"
                self.min_end_of_turn_silence_when_confident,
                default.min_silence_ms,
            ),
            max_silence_ms=_first(self.max_turn_silence, default.max_silence_ms),
            vad_threshold=_first(self.vad_threshold, default.vad_threshold),
        )

    @property
    def vocabulary(self) -> Vocabulary:
        """The key terms; ">50 chars ignored"."""
        squeezed = (" ".join(term.split()) for term in self.keyterms_prompt)
        terms = (term for term in squeezed if 0 < len(term) <= MAX_KEYTERM_CHARACTERS)
        return Vocabulary(tuple(dict.fromkeys(terms)))


class SessionParameters(LiveParameters):
    """Everything that `/v3/ws` takes."""

    sample_rate: int = 16_000
    encoding: str = "pcm_s16le"
    speech_model: Literal[SPEECH_MODELS] = DEFAULT_SPEECH_MODEL  # type: ignore[valid-type]  # one list of them
    language: Literal["en", "multi"] | None = None
    language_detection: bool = False
    language_code: str | None = None
    inactivity_timeout: Annotated[int, Field(ge=5, le=3600)] | None = None
    speaker_labels: bool = False
    max_speakers: Annotated[int, Field(ge=1, le=10)] | None = None
    redact_pii: bool = False
    redact_pii_policies: Texts | None = None
    redact_pii_sub: Annotated[
        Literal["hash", "entity_name"] | None, BeforeValidator(entity_name)
    ] = None
    domain: Literal["medical-v1"] | None = None
    mode: Literal["max_accuracy", "min_latency", "balanced"] | None = None
    voice_focus: Literal["near-field", "far-field"] | None = None
    voice_focus_threshold: Ratio | None = None
    noise_suppression_model: Literal["near-field", "far-field"] | None = None
    noise_suppression_threshold: Ratio | None = None
    continuous_partials: bool | None = None
    include_partial_turns: bool = True
    customer_support_audio_capture: bool | None = None
    llm_gateway: str | None = None
    webhook_url: str | None = None
    webhook_auth_header_name: str | None = None
    webhook_auth_header_value: Annotated[str, Field(pattern=_HEADER_VALUE)] | None = None

    @field_validator("sample_rate")
    @classmethod
    def _audible(cls, value: int) -> int:
        if value < MIN_SAMPLE_RATE:
            raise ValueError(f"sample_rate must be at least {MIN_SAMPLE_RATE:,} Hz")
        if value > MAX_SAMPLE_RATE:
            raise ValueError(f"sample_rate must be at most {MAX_SAMPLE_RATE:,} Hz")
        return value

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in ENCODINGS:
            raise ValueError(f"'{value}' is not a valid Encoding")
        return value

    @field_validator("webhook_url", "webhook_auth_header_name")
    @classmethod
    def _sendable(cls, value: str, info: ValidationInfo) -> str:
        try:
            return web_url(value) if info.field_name == "webhook_url" else header_name(value)
        except ValueError:
            raise ValueError(_UNSENDABLE[info.field_name or ""]) from None


def merge_update(parameters: SessionParameters, update: Mapping[str, Any]) -> SessionParameters:
    """The parameters after an `UpdateConfiguration`; SessionFault for a value that breaks a rule.

    "Any subset. Nulls ignored." Other names are those of parameters that stay as they began.
    """
    changed = LiveParameters.read(update)
    values: dict[str, Any] = {name: getattr(changed, name) for name in changed.model_fields_set}
    if "min_end_of_turn_silence_when_confident" in values and "min_turn_silence" not in values:
        values["min_turn_silence"] = None  # set last wins, by whichever name
    return parameters.model_copy(update=values)


def redaction_of(parameters: SessionParameters) -> RedactionOptions | None:
    """What is hidden in the turns; SessionFault where that is not known, or not found."""
    policies = tuple(parameters.redact_pii_policies or ())
    if not parameters.redact_pii:
        return None
    if not policies:
        raise invalid_parameter("redact_pii", "it needs redact_pii_policies")
    if unknown := [policy for policy in policies if policy not in POLICIES]:
        raise invalid_parameter("redact_pii_policies", f"{unknown[0]!r} is no policy of the API")
    if unmet := policies_not_met(policies, finds_names=True):
        raise invalid_parameter(
            "redact_pii_policies", f"not available in live sessions yet: {', '.join(unmet)}"
        )
    return RedactionOptions(policies, parameters.redact_pii_sub or "hash")


def invalid_parameter(name: str, message: str) -> SessionFault:
    """What ends a session whose parameter of that name breaks a rule."""
    text = f"User Input Validation Error: Invalid '{name}': {message}"
    return SessionFault(FaultKind.INVALID_INPUT, text)


def _first(*values: T | None) -> T:
    return next(value for value in values if value is not None)
