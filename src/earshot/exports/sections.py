"""What was found out about a transcript, as sections of Markdown for people to read."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from earshot.exports.markup import escape
from earshot.transcript.findings import (
    Chapter,
    Findings,
    FoundEntity,
    KeyPhrase,
    SafetySection,
    SentenceSentiment,
    Topic,
)
from earshot.transcript.times import read_time

MAX_TOPICS = 10


def render_findings(findings: Findings) -> str:
    """The sections, one after the other; empty where nothing was found."""
    return "\n".join(_sections(findings))


def _sections(findings: Findings) -> Iterator[str]:
    if findings.summary:
        yield _section("Summary", [f"{escape(line)}\n" for line in findings.summary.splitlines()])
    if findings.chapters:
        yield _section("Chapters", ["\n".join(map(_chapter, findings.chapters))])
    if findings.key_phrases:
        yield _section("Key phrases", map(_phrase, findings.key_phrases))
    if findings.entities:
        yield _section("Entities", _by_type(findings.entities))
    if findings.sentiments:
        yield _section("Sentiment", _feelings(findings.sentiments))
    if findings.topics is not None and findings.topics.whole:
        yield _section("Topics", map(_topic, findings.topics.whole[:MAX_TOPICS]))
    if findings.safety is not None and findings.safety.sections:
        sections = findings.safety.sections
        yield _section("Sensitive content", _sensitive(findings.safety.confidences, sections))


def _section(title: str, lines: Iterable[str]) -> str:
    return f"## {title}\n\n{''.join(lines)}"


def _chapter(chapter: Chapter) -> str:
    heading = f"### [{read_time(chapter.start_ms)}] {escape(chapter.headline)}"
    return f"{heading}\n\n{escape(chapter.summary)}\n"


def _phrase(phrase: KeyPhrase) -> str:
    return f"- {escape(phrase.text)} ({_times(one.start_ms for one in phrase.times)})\n"


def _by_type(entities: tuple[FoundEntity, ...]) -> Iterator[str]:
    """A line for each type, with what was found of it and when."""
    by_type = sorted(entities, key=lambda one: (one.entity_type, one.start_ms))
    for entity_type, found in groupby(by_type, key=lambda one: one.entity_type):
        listed = ", ".join(f"{escape(one.text)} ({read_time(one.start_ms)})" for one in found)
        yield f"- {_words(entity_type)}: {listed}\n"


def _feelings(sentiments: tuple[SentenceSentiment, ...]) -> Iterator[str]:
    """How many sentences there are of each feeling, then those that are not neutral."""
    for feeling in ("POSITIVE", "NEUTRAL", "NEGATIVE"):
        n_sentences = sum(one.feeling == feeling for one in sentiments)
        yield f"- {feeling.lower()}: {n_sentences} of {len(sentiments)} sentences\n"
    yield "\n"
    for one in sentiments:
        if one.feeling != "NEUTRAL":
            said = escape(one.text)
            yield f"- [{read_time(one.start_ms)}] {one.feeling.lower()}: {said}\n"


def _topic(topic: Topic) -> str:
    return f"- {escape(topic.label)} ({topic.relevance:.2f})\n"


def _sensitive(
    confidences: Mapping[str, float], sections: tuple[SafetySection, ...]
) -> Iterator[str]:
    """A line for each label, with where it is."""
    for label, confidence in confidences.items():
        there = (
            one.start_ms for one in sections if any(found.label == label for found in one.labels)
        )
        yield f"- {_words(label)} ({confidence:.2f}): {_times(there)}\n"


def _times(times_ms: Iterable[int]) -> str:
    return ", ".join(map(read_time, times_ms))


def _words(name: str) -> str:
    return escape(name.replace("_", " "))
