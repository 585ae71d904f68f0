"""What a transcript is about and what is sensitive in it, on the wire."""

from typing import Annotated, Any

from pydantic import Field

from earshot.api.schemas.findings import ModelStatus, TimestampBody, status_of
from earshot.api.schemas.wire import WireModel
from earshot.transcript.findings import Findings, Safety, SafetySection, Topics, TopicSection

Share = Annotated[float, Field(ge=0, le=1)]


class TopicBody(WireModel):
    """A topic and how relevant it is."""

    relevance: Share
    label: str


class TopicSectionBody(WireModel):
    """Some consecutive sentences and what they are about."""

    text: str
    labels: list[TopicBody]
    """By relevance, the highest first."""
    timestamp: TimestampBody


class TopicsBody(WireModel):
    """Every section with its topics. `unavailable` where the model failed."""

    status: ModelStatus
    results: list[TopicSectionBody]
    summary: dict[str, Share]
    """Topics of the whole, by relevance; of `iab_categories_result` relative to the first."""


class SafetyLabelBody(WireModel):
    """Sensitive content."""

    label: str
    confidence: Share
    severity: Annotated[float, Field(ge=0, le=1)] | None
    """Null of labels that have none."""


class SafetySectionBody(WireModel):
    """Some consecutive sentences and what is sensitive in them."""

    text: str
    labels: list[SafetyLabelBody]
    """By confidence, the highest first."""
    sentences_idx_start: int
    """The number of the first sentence, counted from 0."""
    sentences_idx_end: int
    """The number of the last sentence."""
    timestamp: TimestampBody


class SeverityBody(WireModel):
    """How much of the content is of which severity; together 1."""

    low: Share
    medium: Share
    high: Share


class SafetyBody(WireModel):
    """The sections with sensitive content. `unavailable` where the model failed."""

    status: ModelStatus
    results: list[SafetySectionBody]
    summary: dict[str, Share]
    """Label -> how likely there is such content anywhere."""
    severity_score_summary: dict[str, SeverityBody]
    """Of the labels that have a severity."""


def content_fields(findings: Findings | None) -> dict[str, Any]:
    """The fields of the Transcript object about topics and sensitive content."""
    if findings is None:
        return {}
    fields: dict[str, Any] = {}
    if findings.topics is not None or findings.lacks("iab_categories"):
        status = status_of(findings, "iab_categories")
        fields["iab_categories_result"] = _topics_body(status, findings.topics)
    if findings.custom_topics is not None or findings.lacks("custom_topics"):
        status = status_of(findings, "custom_topics")
        fields["custom_topics_result"] = _topics_body(status, findings.custom_topics)
    if findings.safety is not None or findings.lacks("content_safety"):
        status = status_of(findings, "content_safety")
        fields["content_safety_labels"] = _safety_body(status, findings.safety)
    return fields


def _topics_body(status: ModelStatus, topics: Topics | None) -> TopicsBody:
    if topics is None:
        return TopicsBody(status=status, results=[], summary={})
    return TopicsBody(
        status=status,
        results=[_topic_section_body(section) for section in topics.sections],
        summary={topic.label: topic.relevance for topic in topics.whole},
    )


def _topic_section_body(section: TopicSection) -> TopicSectionBody:
    return TopicSectionBody(
        text=section.text,
        labels=[
            TopicBody(relevance=topic.relevance, label=topic.label) for topic in section.topics
        ],
        timestamp=TimestampBody(start=section.start_ms, end=section.end_ms),
    )


def _safety_body(status: ModelStatus, safety: Safety | None) -> SafetyBody:
    if safety is None:
        return SafetyBody(status=status, results=[], summary={}, severity_score_summary={})
    return SafetyBody(
        status=status,
        results=[_safety_section_body(section) for section in safety.sections],
        summary=dict(safety.confidences),
        severity_score_summary={
            label: SeverityBody(low=shares.low, medium=shares.medium, high=shares.high)
            for label, shares in safety.severities.items()
        },
    )


def _safety_section_body(section: SafetySection) -> SafetySectionBody:
    return SafetySectionBody(
        text=section.text,
        labels=[
            SafetyLabelBody(label=one.label, confidence=one.confidence, severity=one.severity)
            for one in section.labels
        ],
        sentences_idx_start=section.first_sentence,
        sentences_idx_end=section.last_sentence,
        timestamp=TimestampBody(start=section.start_ms, end=section.end_ms),
    )
