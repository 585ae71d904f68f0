"""What was found out about a transcript, under the keys of the compatible API."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from earshot.transcript.findings import (
    Chapter,
    FeatureName,
    Findings,
    FoundEntity,
    KeyPhrase,
    Safety,
    SentenceSentiment,
    Span,
    Topics,
)
from earshot.transcript.words import label_of

Found = TypeVar("Found")
_KEYS: tuple[tuple[str, FeatureName], ...] = (
    ("summary", "summarization"),
    ("chapters", "auto_chapters"),
    ("auto_highlights_result", "auto_highlights"),
    ("entities", "entity_detection"),
    ("sentiment_analysis_results", "sentiment_analysis"),
    ("iab_categories_result", "iab_categories"),
    ("content_safety_labels", "content_safety"),
)


def describe_findings(findings: Findings) -> dict[str, Any]:
    """What was asked for; null where it failed."""
    found = _found(findings)
    described = {
        key: found[key]
        for key, feature in _KEYS
        if found[key] is not None or findings.lacks(feature)
    }
    return {**described, "methods": {method.feature: method.name for method in findings.methods}}


def _found(findings: Findings) -> dict[str, Any]:
    return {
        "summary": findings.summary,
        "chapters": _each(_timed, findings.chapters),
        "auto_highlights_result": _results(_each(_phrase, findings.key_phrases)),
        "entities": _each(_timed, findings.entities),
        "sentiment_analysis_results": _each(_sentiment, findings.sentiments),
        "iab_categories_result": None if findings.topics is None else _topics(findings.topics),
        "content_safety_labels": None if findings.safety is None else _safety(findings.safety),
    }


def _each(
    describe: Callable[[Found], dict[str, Any]], found: Sequence[Found] | None
) -> list[dict[str, Any]] | None:
    return None if found is None else [describe(one) for one in found]


def _results(described: list[dict[str, Any]] | None) -> dict[str, Any] | None:
    return None if described is None else _success(described)


def _success(results: list[dict[str, Any]], **more: object) -> dict[str, Any]:
    return {"status": "success", "results": results, **more}


def _phrase(phrase: KeyPhrase) -> dict[str, Any]:
    return {
        "count": len(phrase.times),
        "rank": round(phrase.rank, 2),
        "text": phrase.text,
        "timestamps": [_timed(span) for span in phrase.times],
    }


def _sentiment(one: SentenceSentiment) -> dict[str, Any]:
    return {
        "text": one.text,
        "start": one.start_ms,
        "end": one.end_ms,
        "sentiment": one.feeling,
        "confidence": one.confidence,
        "speaker": label_of(one.speaker, one.channel),
    }


def _topics(topics: Topics) -> dict[str, Any]:
    results = [
        {
            "text": section.text,
            "labels": [asdict(topic) for topic in section.topics],
            "timestamp": {"start": section.start_ms, "end": section.end_ms},
        }
        for section in topics.sections
    ]
    return _success(results, summary={topic.label: topic.relevance for topic in topics.whole})


def _safety(safety: Safety) -> dict[str, Any]:
    results = [
        {
            "text": section.text,
            "labels": [asdict(label) for label in section.labels],
            "sentences_idx_start": section.first_sentence,
            "sentences_idx_end": section.last_sentence,
            "timestamp": {"start": section.start_ms, "end": section.end_ms},
        }
        for section in safety.sections
    ]
    return _success(
        results,
        summary=dict(safety.confidences),
        severity_score_summary={name: asdict(one) for name, one in safety.severities.items()},
    )


def _timed(found: Chapter | FoundEntity | Span) -> dict[str, Any]:
    """Its fields, with `start` and `end`, in ms, as the API calls them."""
    return {name.removesuffix("_ms"): value for name, value in asdict(found).items()}
