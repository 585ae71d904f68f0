"""The Transcript object: every documented field, each with its documented null rule."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from earshot.api.schemas.content import SafetyBody, TopicsBody, content_fields
from earshot.api.schemas.findings import (
    ChapterBody,
    EntityBody,
    HighlightsBody,
    finding_fields,
    methods_of,
)
from earshot.api.schemas.language_detection import detected_fields
from earshot.api.schemas.parameters import EchoedParameters
from earshot.api.schemas.sentiment import SentimentBody
from earshot.api.schemas.understood import SpeechUnderstandingBody, translated_texts
from earshot.api.schemas.wire import WireModel
from earshot.api.schemas.words import (
    UtteranceBody,
    WordBody,
    is_none,
    utterance_bodies,
    word_bodies,
)
from earshot.storage.transcripts import SCRUBBED_URL, TranscriptRow
from earshot.transcript.findings import Findings
from earshot.transcript.result import TranscriptResult, Unredacted
from earshot.transcript.status import TranscriptStatus
from earshot.transcript.words import Utterance

MODEL_NAME: Final = "assemblyai_default"
"""What `language_model` and `acoustic_model` say of every transcript of the compatible API."""

_SCRUBBED_TEXT = "Deleted by user."

# What a deleted transcript says false to; every other parameter of it is null.
_FALSE_WHEN_DELETED = (
    "auto_highlights",
    "redact_pii",
    "summarization",
    "sentiment_analysis",
    "entity_detection",
    "language_detection",
    "multichannel",
    "disfluencies",
)


class WarningBody(WireModel):
    """One thing that was left out, repaired or without effect."""

    message: str


class MetadataBody(WireModel):
    """What the caller should know about how the transcript came to be."""

    domain_used: str | None = None
    warning: str | None
    """The first of the warnings."""
    warnings: list[WarningBody]
    methods: Annotated[dict[str, str] | None, Field(exclude_if=is_none)] = None
    """Not of the compatible API: which method made the result of each model of understanding."""


class KnownSpeakerBody(WireModel):
    """The name by which a speaker's voice is known. The label stays what it is."""

    speaker: str
    """The label, as words and utterances have it."""
    name: str
    confidence: float
    """Probability that it is that person's voice."""


class TranscriptState(WireModel):
    """What a reader looks for first."""

    id: str
    status: TranscriptStatus
    """queued, then processing, then completed or error."""
    audio_url: str
    """As it was submitted; `http://deleted_by_user` after deletion."""
    error: str | None = None
    """Why it failed."""
    text: str | None = None
    """Null until completed."""
    words: list[WordBody] | None = None
    """In temporal order. Null until completed."""
    utterances: list[UtteranceBody] | None = None
    """Null unless speakers were told apart or channels transcribed apart."""
    confidence: float | None = None
    """Mean of the words' confidences. Null until completed."""
    audio_duration: int | None = None
    """Length of the recording in whole seconds, rounded up. Null until completed."""
    audio_channels: int | None = None
    """Number of channels, where they were transcribed apart."""


# The order of the bases is that of the fields, the last one's first.
class TranscriptBody(EchoedParameters, TranscriptState):
    """A transcript: its state, what was asked for, and what came out of it."""

    language_model: str = MODEL_NAME
    acoustic_model: str = MODEL_NAME
    speech_model_used: str | None = None
    """The engine and model that transcribed. Null until completed."""
    known_speakers: Annotated[list[KnownSpeakerBody] | None, Field(exclude_if=is_none)] = None
    """Not of the compatible API. Present where `name_known_voices` asked for it."""
    language_confidence: float | None = None
    """Null unless the language was detected."""
    language_detection_results: dict[str, Any] | None = None
    """`code_switching_languages`, where speech that switches between languages was looked for."""
    metadata: Annotated[MetadataBody | None, Field(exclude_if=is_none)] = None
    """Present where there is something to say."""
    unredacted_text: Annotated[str | None, Field(exclude_if=is_none)] = None
    """What was said. This and the next two where `redact_pii_return_unredacted` asked for it."""
    unredacted_words: Annotated[list[WordBody] | None, Field(exclude_if=is_none)] = None
    unredacted_utterances: Annotated[list[UtteranceBody] | None, Field(exclude_if=is_none)] = None
    throttled: bool | None = False
    """True while the transcript waits because the account has too many under way."""

    webhook_auth: bool = False
    """Whether an extra header was given for the webhook."""
    webhook_status_code: int | None = None
    """The receiver's last answer."""

    auto_highlights_result: HighlightsBody | None = None
    content_safety_labels: SafetyBody | None = None
    iab_categories_result: TopicsBody | None = None
    custom_topics_result: Annotated[TopicsBody | None, Field(exclude_if=is_none)] = None
    """Not of the compatible API: how relevant each of `topics` is. Present where asked for."""
    chapters: list[ChapterBody] | None = None
    sentiment_analysis_results: list[SentimentBody] | None = None
    """By start."""
    entities: list[EntityBody] | None = None
    """By first appearance. Their texts are not redacted."""
    summary: str | None = None
    """As `summary_type` asks for it."""
    speech_understanding: SpeechUnderstandingBody | None = None
    translated_texts: dict[str, str] | None = None

    speed_boost: None = None
    """Of earlier generations; always null."""
    cluster_id: None = None
    """Of earlier generations; always null."""
    speaker_count: None = None
    """Of earlier generations; always null."""
    is_deleted: Annotated[Literal[True] | None, Field(exclude_if=is_none)] = None
    """Present after deletion."""


def stored_request(echo: dict[str, Any], warnings: tuple[str, ...]) -> dict[str, Any]:
    """What is kept of a request, for `transcript_body` to read again."""
    return {"parameters": echo, "warnings": list(warnings)}


def transcript_body(row: TranscriptRow, result: TranscriptResult | None) -> TranscriptBody:
    """The transcript as its owner sees it; `result` is there once it is completed."""
    if row.deleted_at is not None:
        return _deleted_body(row)
    parameters: dict[str, Any] = dict(row.request["parameters"])
    asked = parameters.pop("speech_understanding", None)
    warnings: list[str] = list(row.request["warnings"])
    state: dict[str, Any] = {
        "id": row.id,
        "status": row.status,
        "audio_url": row.audio_url,
        "error": row.error,
        "audio_duration": row.audio_duration_s,
        "throttled": row.throttled,
        "webhook_auth": None not in (row.webhook_auth_header_name, row.webhook_auth_header_value),
        "webhook_status_code": row.webhook_status_code,
    }
    if result is not None:
        state |= _result_fields(result)
        parameters = parameters | detected_fields(result)
        warnings += result.warnings
    findings = None if result is None else result.findings
    if findings is not None:
        warnings += findings.warnings
    if asked is not None:
        utterances = None if result is None else result.utterances
        state["speech_understanding"] = SpeechUnderstandingBody.answering(
            asked, findings, utterances
        )
        state["translated_texts"] = translated_texts(findings)
    metadata = metadata_body(warnings, methods_of(findings))
    found = finding_fields(findings) | content_fields(findings)
    return TranscriptBody(**parameters, **state, **found, metadata=metadata)


def _result_fields(result: TranscriptResult) -> dict[str, Any]:
    return {
        "text": result.text,
        "words": word_bodies(result.words),
        "utterances": _utterances(result.utterances, result.findings),
        "confidence": result.confidence,
        "audio_channels": result.n_channels,
        "speech_model_used": result.engine,
        "known_speakers": _known_speakers(result),
        **_unredacted_fields(result.unredacted),
    }


def _utterances(
    utterances: Sequence[Utterance] | None, findings: Findings | None = None
) -> list[UtteranceBody] | None:
    if utterances is None:
        return None
    translations = None if findings is None else findings.translations
    return utterance_bodies(
        utterances, None if translations is None else translations.of_utterances
    )


def _unredacted_fields(said: Unredacted | None) -> dict[str, Any]:
    if said is None:
        return {}
    return {
        "unredacted_text": said.text,
        "unredacted_words": word_bodies(said.words),
        "unredacted_utterances": _utterances(said.utterances),
    }


def _known_speakers(result: TranscriptResult) -> list[KnownSpeakerBody] | None:
    if result.known_speakers is None:
        return None
    return [
        KnownSpeakerBody(speaker=known.speaker, name=known.name, confidence=known.confidence)
        for known in result.known_speakers
    ]


def metadata_body(warnings: list[str], methods: dict[str, str] | None) -> MetadataBody | None:
    if not warnings and methods is None:
        return None
    return MetadataBody(
        warning=warnings[0] if warnings else None,
        warnings=[WarningBody(message=message) for message in warnings],
        methods=methods,
    )


def _deleted_body(row: TranscriptRow) -> TranscriptBody:
    parameters: dict[str, Any] = dict.fromkeys(EchoedParameters.model_fields)
    parameters |= dict.fromkeys(_FALSE_WHEN_DELETED, False)
    parameters["webhook_url"] = SCRUBBED_URL
    return TranscriptBody(
        **parameters,
        id=row.id,
        status=TranscriptStatus.COMPLETED,
        audio_url=SCRUBBED_URL,
        text=_SCRUBBED_TEXT,
        audio_duration=row.audio_duration_s,
        throttled=None,
        is_deleted=True,
    )
