"""What this server can do of what the API documents; the rest is refused by name or warned about.

A documented option is honoured; or refused with a message that names it; or, where it has no
effect, listed in `metadata.warnings`. Nothing documented is dropped in silence.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from earshot.api.schemas.content_options import custom_topic_warnings
from earshot.api.schemas.language_detection import (
    detection_warnings,
    require_languages_to_detect,
)
from earshot.api.schemas.languages import LANGUAGES_OF_MODEL
from earshot.api.schemas.redaction import redaction_of, redaction_warnings
from earshot.api.schemas.speakers import speaker_warnings
from earshot.api.schemas.speech_models import is_speech_model
from earshot.api.schemas.speech_understanding import require_model_for, utterance_warnings
from earshot.api.schemas.transcript_request import TranscriptRequest
from earshot.errors import LanguageNotInstalled, RequestInvalid, SpeakersNotInstalled
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.redaction_policies import can_be_hidden

# In the order of the API's reference. `false`, null and empty values ask for nothing, and pass.
NOT_AVAILABLE_YET: Final = ("domain",)

_WITHOUT_EFFECT: Final = {
    "temperature": "temperature has no effect: the models of this server do not sample",
}

# What only tunes another parameter, with the value that changes nothing: "do not reject (2025
# clients may combine them)".
_TUNES: Final[dict[str, tuple[str, Any]]] = {
    "language_confidence_threshold": ("language_detection", 0),
    "language_detection_options": ("language_detection", None),
    "keyterms_prompt_options": ("keyterms_prompt", None),
    "speakers_expected": ("speaker_labels", None),
    "speaker_options": ("speaker_labels", None),
    "boost_param": ("word_boost", "default"),
    "content_safety_confidence": ("content_safety", 50),
    "topics": ("custom_topics", None),
    "summary_model": ("summarization", "informative"),
    "summary_type": ("summarization", "bullets"),
    "redact_pii_policies": ("redact_pii", None),
    "redact_static_entities": ("redact_pii", None),
    "redact_pii_sub": ("redact_pii", "hash"),
    "redact_pii_return_unredacted": ("redact_pii", None),
    "redact_pii_audio": ("redact_pii", None),
    "redact_pii_audio_quality": ("redact_pii_audio", "mp3"),
    "redact_pii_audio_options": ("redact_pii_audio", None),
    "webhook_auth_header_name": ("webhook_auth_header_value", None),
    "webhook_auth_header_value": ("webhook_auth_header_name", None),
}


def translates_none(_options: TranscriptOptions) -> bool:
    """No model translates what it hears."""
    return False


@dataclass(frozen=True, slots=True)
class Abilities:
    """What this server can do for a project.

    `tells_speakers` says whether a model tells speakers apart, `has_language_model` whether a
    language model works for the project, `translates_speech` whether the engine that recognises a
    recording can also write it in English, `finds_names` whether names are found well enough to be
    hidden.
    """

    tells_speakers: bool = True
    has_language_model: bool = False
    translates_speech: Callable[[TranscriptOptions], bool] = translates_none
    finds_names: bool = False


DEFAULT_ABILITIES: Final = Abilities()


def require_available(
    wire: TranscriptRequest,
    *,
    languages: frozenset[str],
    tells_speakers: bool = True,
    has_language_model: bool = False,
    translates_speech: bool = False,
) -> None:
    """RequestInvalid where the request wants a language or a feature that is not there.

    LanguageNotInstalled and SpeakersNotInstalled where a model of this server is missing.
    """
    _require_models_of_language(wire)
    _require_languages(wire, languages)
    require_languages_to_detect(wire, languages)
    if wire.speaker_labels and not tells_speakers:
        raise SpeakersNotInstalled
    if wire.speech_understanding is not None:
        require_model_for(
            wire.speech_understanding.options,
            has_language_model=has_language_model,
            translates_speech=translates_speech,
            is_redacted=redaction_of(wire) is not None,
        )
    unavailable = [name for name in NOT_AVAILABLE_YET if _asks(wire, name)]
    if unavailable:
        verb = "is" if len(unavailable) == 1 else "are"
        raise RequestInvalid(f"{', '.join(unavailable)} {verb} not available on this server yet")


def warnings_of(wire: TranscriptRequest) -> tuple[str, ...]:
    """A sentence for each parameter that was sent and changes nothing."""
    warnings = [text for name, text in _WITHOUT_EFFECT.items() if _asks(wire, name)]
    warnings += [
        f"{name} has no effect without {tuned}"
        for name, (tuned, idle_value) in _TUNES.items()
        if _asks(wire, name) and getattr(wire, name) != idle_value and not _asks(wire, tuned)
    ]
    return (
        *warnings,
        *speaker_warnings(wire),
        *redaction_warnings(wire),
        *detection_warnings(wire),
        *_speech_model_warnings(wire),
        *_understanding_warnings(wire),
        *custom_topic_warnings(wire),
    )


def _asks(wire: TranscriptRequest, name: str) -> bool:
    """Whether the parameter asks for anything: false, null and empty values do not."""
    value = getattr(wire, name)
    return bool(value.model_fields_set) if isinstance(value, BaseModel) else bool(value)


def _require_models_of_language(wire: TranscriptRequest) -> None:
    codes = {code for _, code in _language_codes(wire)}
    missing = [
        model
        for model, offered in LANGUAGES_OF_MODEL.items()
        if getattr(wire, model) and not codes <= offered
    ]
    redaction = redaction_of(wire)
    if redaction is not None and not all(can_be_hidden(redaction, code) for code in codes):
        missing = sorted({*missing, "redact_pii"})
    if missing:
        raise RequestInvalid(
            f"The following models are not available in this language: {', '.join(missing)}"
        )


def _require_languages(wire: TranscriptRequest, languages: frozenset[str]) -> None:
    for name, code in _language_codes(wire):
        if code not in languages:
            raise LanguageNotInstalled(name, code)


def _language_codes(wire: TranscriptRequest) -> list[tuple[str, str]]:
    """Every language that is asked for, with the parameter that asks for it.

    `language_code` and `language_detection` together: the contract's "accept, detection wins".
    """
    if wire.language_detection:
        return []
    codes = [("language_codes", code) for code in wire.language_codes or ()]
    if wire.language_code is not None and "language_code" in wire.model_fields_set:
        codes.append(("language_code", wire.language_code))
    return codes


def _speech_model_warnings(wire: TranscriptRequest) -> list[str]:
    asked = [("speech_model", wire.speech_model)] if wire.speech_model is not None else []
    asked += [("speech_models", name) for name in wire.speech_models or ()]
    return [
        f"{parameter} '{name}' is not known to this server and was passed over"
        for parameter, name in asked
        if not is_speech_model(name)
    ]


def _understanding_warnings(wire: TranscriptRequest) -> tuple[str, ...]:
    has_utterances = bool(wire.speaker_labels or wire.multichannel or wire.dual_channel)
    if wire.speech_understanding is None or has_utterances:
        return ()
    return utterance_warnings(wire.speech_understanding)
