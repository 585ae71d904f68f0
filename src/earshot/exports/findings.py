"""What was found out about a transcript, for its documents."""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from typing import Any

from earshot.exports.clock import read_time
from earshot.exports.markup import escape
from earshot.transcript.findings import Chapter, Findings, FoundEntity, KeyPhrase


def describe_findings(findings: Findings) -> dict[str, Any]:
    """Under the keys of the compatible API, of what was asked for; null where it failed."""
    described: dict[str, Any] = {}
    for key, feature, value in (
        ("summary", "summarization", findings.summary),
        ("chapters", "auto_chapters", _chapters(findings)),
        ("auto_highlights_result", "auto_highlights", _highlights(findings)),
        ("entities", "entity_detection", _entities(findings)),
    ):
        if value is not None or any(one.feature == feature for one in findings.unavailable):
            described[key] = value
    described["methods"] = {method.feature: method.name for method in findings.methods}
    return described


def render_findings(findings: Findings) -> str:
    """The same as sections of Markdown, for people to read; empty where nothing was found."""
    return "\n".join(_sections(findings))


def _sections(findings: Findings) -> Iterator[str]:
    if findings.summary:
        yield f"## Summary\n\n{_escape_lines(findings.summary)}\n"
    if findings.chapters:
        yield "## Chapters\n\n" + "\n".join(map(_chapter, findings.chapters))
    if findings.key_phrases:
        yield "## Key phrases\n\n" + "".join(map(_phrase, findings.key_phrases))
    if findings.entities:
        yield "## Entities\n\n" + "".join(_by_type(findings.entities))


def _chapter(chapter: Chapter) -> str:
    heading = f"### [{read_time(chapter.start_ms)}] {escape(chapter.headline)}"
    return f"{heading}\n\n{escape(chapter.summary)}\n"


def _phrase(phrase: KeyPhrase) -> str:
    times = ", ".join(read_time(one.start_ms) for one in phrase.times)
    return f"- {escape(phrase.text)} ({times})\n"


def _by_type(entities: tuple[FoundEntity, ...]) -> Iterator[str]:
    """A line for each type, with what was found of it and when."""
    by_type = sorted(entities, key=lambda one: (one.entity_type, one.start_ms))
    for entity_type, found in groupby(by_type, key=lambda one: one.entity_type):
        listed = ", ".join(f"{escape(one.text)} ({read_time(one.start_ms)})" for one in found)
        yield f"- {escape(entity_type.replace('_', ' '))}: {listed}\n"


def _escape_lines(text: str) -> str:
    """A paragraph, or a list whose lines begin with a dash."""
    return "\n".join(escape(line) for line in text.splitlines())


def _chapters(findings: Findings) -> list[dict[str, Any]] | None:
    if findings.chapters is None:
        return None
    return [_with_wire_times(asdict(chapter)) for chapter in findings.chapters]


def _entities(findings: Findings) -> list[dict[str, Any]] | None:
    if findings.entities is None:
        return None
    return [_with_wire_times(asdict(entity)) for entity in findings.entities]


def _highlights(findings: Findings) -> dict[str, Any] | None:
    if findings.key_phrases is None:
        return None
    results = [
        {
            "count": len(phrase.times),
            "rank": round(phrase.rank, 2),
            "text": phrase.text,
            "timestamps": [_with_wire_times(asdict(span)) for span in phrase.times],
        }
        for phrase in findings.key_phrases
    ]
    return {"status": "success", "results": results}


def _with_wire_times(fields: dict[str, Any]) -> dict[str, Any]:
    """The same with `start` and `end`, in ms, as the API calls them."""
    return {name.removesuffix("_ms"): value for name, value in fields.items()}
