"""The recordings to measure on, read from a folder with `asr/manifest.jsonl`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Single letters, digits and words, and synthetic voices: each set is reported, none is part of the
# overall figure, where a hundred one-word clips would say nothing about transcribing speech.
SETS_APART = frozenset({"alnum", "azure", "commands", "digits_8k"})
TELEPHONE_SOURCE = "librispeech"
TELEPHONE_SET = "telephone"


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording and what is said in it.

    `row` is its place in the manifest: settings are tuned on even rows and judged on odd ones.
    `speaker_references` are set where people talk at once; the order of speakers is then free.
    """

    row: int
    name: str  # the path in the manifest
    set_name: str
    path: Path
    duration_s: float
    reference: str
    speaker_references: tuple[str, ...] = ()


def read_english_clips(data: Path) -> list[Clip]:
    """Every English recording that has a reference, in the order of the manifest."""
    lines = (data / "asr" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return [
        _clip(data, index, row)
        for index, row in enumerate(rows)
        if row["text"] and str(row["lang"]).startswith("en")
    ]


def _clip(data: Path, index: int, row: dict[str, Any]) -> Clip:
    speakers = [*row.get("speaker_texts", {}).values(), *row.get("channel_texts", [])]
    return Clip(
        row=index,
        name=row["path"],
        set_name=Path(row["path"]).parent.name,
        path=data / row["path"],
        duration_s=float(row["duration_s"]),
        reference=row["text"],
        speaker_references=tuple(speakers),
    )
