"""Statements on `transcript_results`: what came out, apart from the row that lists show."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from earshot.storage.schema import transcript_results
from earshot.transcript.findings import Findings
from earshot.transcript.result import (
    KnownSpeaker,
    LanguageFinding,
    TranscriptResult,
    Unredacted,
)
from earshot.transcript.words import Utterance, Word

_FINDINGS = TypeAdapter(Findings)


def save_result(conn: sa.Connection, transcript_id: str, result: TranscriptResult) -> None:
    conn.execute(
        transcript_results.insert().values(
            transcript_id=transcript_id,
            words=_dump_words(result.words),
            utterances=_dump_utterances(result.utterances),
            duration_ms=result.duration_ms,
            n_channels=result.n_channels,
            language_code=result.language_code,
            engine=result.engine,
            warnings=list(result.warnings),
            language_finding=_dump_finding(result.language_finding),
            known_speakers=_dump_known(result.known_speakers),
            findings=None if result.findings is None else asdict(result.findings),
            unredacted=_dump_unredacted(result.unredacted),
        )
    )


def find_result(conn: sa.Connection, transcript_id: str) -> TranscriptResult | None:
    row = conn.execute(
        sa.select(transcript_results).where(transcript_results.c.transcript_id == transcript_id)
    ).one_or_none()
    if row is None:
        return None
    return TranscriptResult(
        words=_load_words(row.words),
        utterances=_load_utterances(row.utterances),
        duration_ms=row.duration_ms,
        n_channels=row.n_channels,
        language_code=row.language_code,
        engine=row.engine,
        warnings=tuple(row.warnings),
        language_finding=_load_finding(row.language_finding),
        known_speakers=_load_known(row.known_speakers),
        findings=None if row.findings is None else _FINDINGS.validate_python(row.findings),
        unredacted=_load_unredacted(row.unredacted),
    )


def delete_result(conn: sa.Connection, transcript_id: str) -> None:
    conn.execute(
        transcript_results.delete().where(transcript_results.c.transcript_id == transcript_id)
    )


# Words are kept as arrays, not objects: a recording of hours has a hundred thousand of them.
def _dump_words(words: Sequence[Word]) -> list[list[Any]]:
    return [[w.text, w.start_ms, w.end_ms, w.confidence, w.speaker, w.channel] for w in words]


def _load_words(items: list[list[Any]]) -> tuple[Word, ...]:
    return tuple(Word(*item) for item in items)


def _dump_utterances(utterances: tuple[Utterance, ...] | None) -> list[dict[str, Any]] | None:
    if utterances is None:
        return None
    return [
        {"speaker": u.speaker, "channel": u.channel, "words": _dump_words(u.words)}
        for u in utterances
    ]


def _load_utterances(items: list[dict[str, Any]] | None) -> tuple[Utterance, ...] | None:
    if items is None:
        return None
    return tuple(
        Utterance(_load_words(item["words"]), item["speaker"], item["channel"]) for item in items
    )


def _dump_unredacted(said: Unredacted | None) -> dict[str, Any] | None:
    if said is None:
        return None
    return {"words": _dump_words(said.words), "utterances": _dump_utterances(said.utterances)}


def _load_unredacted(item: dict[str, Any] | None) -> Unredacted | None:
    if item is None:
        return None
    return Unredacted(_load_words(item["words"]), _load_utterances(item["utterances"]))


def _dump_finding(finding: LanguageFinding | None) -> dict[str, Any] | None:
    return None if finding is None else asdict(finding)


def _load_finding(item: dict[str, Any] | None) -> LanguageFinding | None:
    return None if item is None else LanguageFinding.from_json(item)


def _dump_known(known: tuple[KnownSpeaker, ...] | None) -> list[dict[str, Any]] | None:
    return None if known is None else [asdict(speaker) for speaker in known]


def _load_known(items: list[dict[str, Any]] | None) -> tuple[KnownSpeaker, ...] | None:
    return None if items is None else tuple(KnownSpeaker(**item) for item in items)
