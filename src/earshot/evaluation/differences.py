"""Where a hypothesis parts from its reference, word by word."""

from dataclasses import dataclass
from typing import Literal

import jiwer

from earshot.evaluation.scoring import normalise


@dataclass(frozen=True, slots=True)
class Difference:
    """A run of words that are alike, or that stand against others; either side may be empty."""

    kind: Literal["equal", "substitute", "delete", "insert"]
    said: str
    heard: str


def find_differences(reference: str, hypothesis: str, *, is_english: bool) -> list[Difference]:
    """The two texts in runs, in order, both normalised here."""
    said = normalise(reference, is_english=is_english)
    heard = normalise(hypothesis, is_english=is_english)
    if not said:  # jiwer takes no empty reference
        return [Difference("insert", "", heard)] if heard else []
    edits = jiwer.process_words(said, heard)
    said_words, heard_words = edits.references[0], edits.hypotheses[0]
    return [
        Difference(
            run.type,
            " ".join(said_words[run.ref_start_idx : run.ref_end_idx]),
            " ".join(heard_words[run.hyp_start_idx : run.hyp_end_idx]),
        )
        for run in edits.alignments[0]
    ]
