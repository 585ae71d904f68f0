"""From the body of `POST /v2/transcript` to options of ours, or to the sentence that refuses it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from earshot.api.compat import Compat
from earshot.api.schemas.audio_urls import require_audio_url, require_source
from earshot.api.schemas.availability import (
    DEFAULT_ABILITIES,
    Abilities,
    require_available,
    warnings_of,
)
from earshot.api.schemas.findings import understanding_of
from earshot.api.schemas.language_detection import detection_of
from earshot.api.schemas.languages import ENGLISH_CODES
from earshot.api.schemas.redaction import (
    redaction_of,
    require_own_terms,
    require_policies,
    without_secrets,
)
from earshot.api.schemas.rules import require_rules
from earshot.api.schemas.speakers import speakers_of
from earshot.api.schemas.speech_models import (
    asked_speech_models,
    require_speech_models,
    shown_speech_model,
)
from earshot.api.schemas.speech_understanding import (
    require_speakers,
    require_speech_understanding,
    without_names,
)
from earshot.api.schemas.terms import vocabulary_of
from earshot.api.schemas.transcript_request import TranscriptRequest
from earshot.egress.buckets import NO_BUCKETS, BucketPolicy
from earshot.transcript.options import SpellingRule, TranscriptOptions, UnderstandingOptions


@dataclass(frozen=True, slots=True)
class AcceptedRequest:
    """A request that this server will serve: `echo` is its wire form for the Transcript object."""

    wire: TranscriptRequest
    options: TranscriptOptions
    echo: dict[str, Any]
    warnings: tuple[str, ...]


def accept_request(
    body: Mapping[str, Any],
    *,
    languages: frozenset[str],
    compat: Compat,
    abilities: Abilities = DEFAULT_ABILITIES,
    buckets: BucketPolicy = NO_BUCKETS,
    project_name: str = "",
) -> AcceptedRequest:
    """The request, if every rule of the API holds and this server can do all it asks for.

    `languages` are the codes that the models of this server transcribe, `abilities` what else they
    do; `buckets` says which may be named by whom. RequestInvalid carries the documented sentence of
    the first rule that is broken.
    """
    require_audio_url(body.get("audio_url"))
    wire = TranscriptRequest.parse(body)
    require_source(wire.audio_url, buckets, project_name)
    require_speech_models(wire, compat=compat)
    require_rules(wire, strict_2025=compat == "2025")
    require_policies(wire, finds_names=abilities.finds_names)
    require_own_terms(wire)
    _require_understanding(wire)
    options = _options(wire)
    require_available(
        wire,
        languages=languages,
        tells_speakers=abilities.tells_speakers,
        has_language_model=abilities.has_language_model,
        translates_speech=abilities.translates_speech(options),
    )
    echo = wire.model_dump(
        mode="json",
        by_alias=True,
        exclude_unset=True,
        exclude={"audio_url", "webhook_auth_header_value", "speech_understanding"},
    )
    return AcceptedRequest(
        wire=wire,
        options=options,
        echo=without_secrets(echo, options.redaction)
        | shown_speech_model(wire, compat=compat)
        | _shown_understanding(wire, options),
        warnings=warnings_of(wire),
    )


def _require_understanding(wire: TranscriptRequest) -> None:
    asked = wire.speech_understanding
    if asked is not None:
        require_speech_understanding(asked)
        tells_voices = bool(wire.speaker_labels or wire.multichannel or wire.dual_channel)
        require_speakers(asked.options, tells_voices=tells_voices)


def _shown_understanding(wire: TranscriptRequest, options: TranscriptOptions) -> dict[str, Any]:
    if wire.speech_understanding is None:
        return {}
    asked = wire.speech_understanding.echo
    return {"speech_understanding": asked if options.redaction is None else without_names(asked)}


def _options(wire: TranscriptRequest) -> TranscriptOptions:
    return TranscriptOptions(
        language_code=_language(wire),
        language_detection=detection_of(wire),
        speech_models=asked_speech_models(wire),
        punctuate=wire.punctuate is not False,
        format_text=wire.format_text is not False,
        disfluencies=bool(wire.disfluencies),
        remove_audio_tags=wire.remove_audio_tags == "all",
        filter_profanity=bool(wire.filter_profanity),
        custom_spelling=tuple(
            SpellingRule(sources=tuple(rule.sources), target=rule.target)
            for rule in wire.custom_spelling or ()
        ),
        audio_start_ms=wire.audio_start_from,
        audio_end_ms=wire.audio_end_at,
        speech_threshold=wire.speech_threshold or 0.0,
        split_channels=bool(wire.multichannel or wire.dual_channel),
        speakers=speakers_of(wire),
        vocabulary=vocabulary_of(wire),
        understanding=_understanding(wire),
        redaction=redaction_of(wire),
    )


def _understanding(wire: TranscriptRequest) -> UnderstandingOptions:
    options = understanding_of(wire)
    if wire.speech_understanding is None:
        return options
    asked = wire.speech_understanding.options
    return replace(
        options,
        translation=asked.translation,
        speaker_naming=asked.speaker_naming,
        value_formats=asked.value_formats,
    )


def _language(wire: TranscriptRequest) -> str:
    """The code to transcribe with: of several, the one that is not English.

    A model that knows another language knows the English in it better than the other way round.
    """
    if "language_code" not in wire.model_fields_set and wire.language_codes:
        others = [code for code in wire.language_codes if code not in ENGLISH_CODES]
        return (others or wire.language_codes)[0]
    return wire.language_code or "en_us"
