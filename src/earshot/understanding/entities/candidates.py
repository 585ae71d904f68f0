"""What a finder says: these characters of a reading may be an entity of this type."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from earshot.transcript.words import Word
from earshot.understanding.entities.reading import Reading


class Evidence(IntEnum):
    """What speaks for a candidate; where two overlap, the better founded is kept."""

    DOUBT = 0  # enough to hide it, too little to name it
    TERM = 1  # a word of a closed class
    TAGGED = 2  # a trained model took it for one
    SHAPE = 3  # it looks like one
    FORM = 4  # it looks like one and like little else
    CUE = 5  # it was announced: "my passport number is"
    CHECKSUM = 6  # the digits add up


@dataclass(frozen=True, slots=True)
class Candidate:
    """Characters from `start` to before `end` of a reading that may be of an entity type."""

    entity_type: str
    start: int
    end: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Tagged:
    """Words `first` to before `end`, by index, that a model takes for an entity of a type.

    What is not sure is hidden where its type is to be hidden, and never named.
    """

    entity_type: str
    first: int
    end: int
    is_sure: bool


class Tagger(Protocol):
    """Finds what has no form; shared between threads."""

    def tag(self, words: Sequence[Word]) -> Iterable[Tagged]:
        """Entities in the words of one voice, of which there is at least one, in their order."""


Finder = Callable[[Reading], Iterable[Candidate]]
Check = Callable[[str], bool]


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern that knows no case and may be written over several lines; a blank is `[ ]`."""
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


def find_pattern(
    reading: Reading,
    pattern: re.Pattern[str],
    entity_type: str,
    evidence: Evidence,
    check: Check | None = None,
) -> Iterator[Candidate]:
    """A candidate for each match that passes the check; its group "it", where there is one."""
    has_part = "it" in pattern.groupindex
    for match in pattern.finditer(reading.text):
        start, end = match.span("it") if has_part else match.span()
        if start < end and (check is None or check(reading.text[start:end])):
            yield Candidate(entity_type, start, end, evidence)
