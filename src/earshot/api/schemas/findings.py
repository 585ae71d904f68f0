"""What was found out about a transcript, on the wire."""

from typing import Annotated, Any, Literal

from pydantic import Field

from earshot.api.schemas.content_options import custom_topics_of, safety_threshold_of
from earshot.api.schemas.parameters import EchoedParameters
from earshot.api.schemas.sentiment import sentiment_body
from earshot.api.schemas.wire import WireModel
from earshot.transcript.findings import Chapter, FeatureName, Findings, FoundEntity, KeyPhrase
from earshot.transcript.options import SummaryOptions, UnderstandingOptions

ModelStatus = Literal["success", "unavailable"]


class TimestampBody(WireModel):
    """Where in the recording something is said."""

    start: int
    """Milliseconds from the start of the recording."""
    end: int
    """Milliseconds from the start of the recording."""


class HighlightBody(WireModel):
    """A phrase that says what the transcript is about."""

    count: int
    """How often it is said."""
    rank: Annotated[float, Field(ge=0, le=1)]
    """Relevance, to two decimals."""
    text: str
    timestamps: list[TimestampBody]
    """In temporal order."""


class HighlightsBody(WireModel):
    """The key phrases, by rank. `unavailable` where the model failed."""

    status: ModelStatus
    results: list[HighlightBody]


class ChapterBody(WireModel):
    """A stretch of the recording about one subject."""

    gist: str
    """A few words."""
    headline: str
    """One sentence."""
    summary: str
    """One paragraph."""
    start: int
    """Milliseconds from the start of the recording."""
    end: int
    """Milliseconds from the start of the recording."""


class EntityBody(WireModel):
    """Words that name something. Their text is not redacted."""

    entity_type: str
    text: str
    start: int
    """Milliseconds from the start of the recording."""
    end: int
    """Milliseconds from the start of the recording."""


def understanding_of(wire: EchoedParameters) -> UnderstandingOptions:
    """What the request wants to be found out."""
    summary = None
    if wire.summarization:
        summary = SummaryOptions(
            wire.summary_model or "informative", wire.summary_type or "bullets"
        )
    return UnderstandingOptions(
        key_phrases=bool(wire.auto_highlights),
        chapters=bool(wire.auto_chapters),
        summary=summary,
        entities=bool(wire.entity_detection),
        sentiment=bool(wire.sentiment_analysis),
        topics=bool(wire.iab_categories),
        safety_threshold=safety_threshold_of(wire),
        custom_topics=custom_topics_of(wire),
    )


def finding_fields(findings: Findings | None) -> dict[str, Any]:
    """The fields of the Transcript object that hold what was found."""
    if findings is None:
        return {}
    fields: dict[str, Any] = {"summary": findings.summary}
    if findings.key_phrases is not None or findings.lacks("auto_highlights"):
        fields["auto_highlights_result"] = HighlightsBody(
            status=status_of(findings, "auto_highlights"),
            results=[_highlight_body(phrase) for phrase in findings.key_phrases or ()],
        )
    if findings.chapters is not None:
        fields["chapters"] = [_chapter_body(chapter) for chapter in findings.chapters]
    if findings.entities is not None:
        fields["entities"] = [_entity_body(entity) for entity in findings.entities]
    if findings.sentiments is not None:
        fields["sentiment_analysis_results"] = [sentiment_body(one) for one in findings.sentiments]
    return fields


def methods_of(findings: Findings | None) -> dict[str, str] | None:
    """Feature -> the method that made its result; None where nothing was made."""
    if findings is None or not findings.methods:
        return None
    return {method.feature: method.name for method in findings.methods}


def status_of(findings: Findings, feature: FeatureName) -> ModelStatus:
    """What the result of the feature says of how it went."""
    return "unavailable" if findings.lacks(feature) else "success"


def _highlight_body(phrase: KeyPhrase) -> HighlightBody:
    return HighlightBody(
        count=len(phrase.times),
        rank=round(phrase.rank, 2),
        text=phrase.text,
        timestamps=[TimestampBody(start=span.start_ms, end=span.end_ms) for span in phrase.times],
    )


def _chapter_body(chapter: Chapter) -> ChapterBody:
    return ChapterBody(
        gist=chapter.gist,
        headline=chapter.headline,
        summary=chapter.summary,
        start=chapter.start_ms,
        end=chapter.end_ms,
    )


def _entity_body(entity: FoundEntity) -> EntityBody:
    return EntityBody(
        entity_type=entity.entity_type,
        text=entity.text,
        start=entity.start_ms,
        end=entity.end_ms,
    )
