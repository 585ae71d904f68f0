"""Runs of digits in a reading: "4111-1111", "4 1 1 1", "(555) 010 2030", as one number each."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from earshot.understanding.entities.reading import Reading

MIN_PART = 3  # digits of the shortest number that is worth telling from its repetition
MAX_PART = 40  # digits; more are no number that is told in one go
_ATOM = re.compile("[0-9]+")
# Between two groups of one number. A comma or a slash without a blank belongs to amounts and dates.
_BETWEEN = r"(?: ?[-\u2013.] ?| ?, | ?[()]{1,2} ?| )"
_RUN = re.compile(
    rf"(?<![\w@$\u20ac\u00a3.,:/-])\+?\(?[0-9]+(?:{_BETWEEN}[0-9]+)*(?![\w@%/:]|[.,][0-9])"
)


@dataclass(frozen=True, slots=True)
class Group:
    """Digits that stand together, at characters `start` to before `end`."""

    digits: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DigitRun:
    """Groups of digits with nothing but marks and blanks between them."""

    text: str
    start: int
    end: int
    groups: tuple[Group, ...]

    @property
    def digits(self) -> str:
        return "".join(group.digits for group in self.groups)


def digit_runs(reading: Reading) -> Iterator[DigitRun]:
    for match in _RUN.finditer(reading.text):
        groups = tuple(
            Group(atom[0], match.start() + atom.start(), match.start() + atom.end())
            for atom in _ATOM.finditer(match[0])
        )
        yield DigitRun(match[0], match.start(), match.end(), groups)


def part_of(run: DigitRun, start: int, end: int) -> DigitRun:
    """The groups of a run that stand at characters `start` to before `end`, as a run."""
    first = bisect_left(run.groups, start, key=lambda group: group.start)
    last = bisect_left(run.groups, end, key=lambda group: group.start)
    return DigitRun(
        run.text[start - run.start : end - run.start], start, end, run.groups[first:last]
    )


def parts_of(run: DigitRun, lengths: range) -> Iterator[tuple[str, int, int]]:
    """Digits, start and end of every stretch of whole groups with so many digits; long ones first.

    A number of 16 digits may stand beside another: "4 1 1 1 ... 1 2 2 7".
    """
    parts: list[tuple[str, int, int]] = []
    for first, start_group in enumerate(run.groups):
        digits = ""
        for group in run.groups[first : first + lengths.stop]:
            digits += group.digits
            if len(digits) >= lengths.stop:
                break
            if len(digits) in lengths:
                parts.append((digits, start_group.start, group.end))
    yield from sorted(parts, key=lambda part: -len(part[0]))


def ways_to_part(run: DigitRun) -> Iterator[tuple[DigitRun, ...]]:
    """The run as one number, then as several: one to a sentence, one to a phrase, all as long.

    "212-555-0143, 212-555-0144" is one run; so is a number that was said twice.
    """
    yield (run,)
    for marks in (".", ".,"):
        parts = _split_behind(run, marks)
        if len(parts) > 1:
            yield parts
    for n_parts in (2, 3):
        if equal_parts := _equal_parts(run, n_parts):
            yield equal_parts


def _equal_parts(run: DigitRun, n_parts: int) -> tuple[DigitRun, ...]:
    """So many stretches of whole groups with as many digits each; empty where none have."""
    size, rest = divmod(len(run.digits), n_parts)
    if rest or not MIN_PART <= size <= MAX_PART:
        return ()
    parts: list[list[Group]] = [[]]
    for group in run.groups:
        if sum(len(one.digits) for one in parts[-1]) == size:
            parts.append([])
        parts[-1].append(group)
    if any(sum(len(group.digits) for group in part) != size for part in parts):
        return ()
    return tuple(_run_of(run, part) for part in parts)


def _split_behind(run: DigitRun, marks: str) -> tuple[DigitRun, ...]:
    """The stretches of a run between blanks that stand behind one of the marks."""
    parts: list[list[Group]] = [[run.groups[0]]]
    for before, group in pairwise(run.groups):
        between = run.text[before.end - run.start : group.start - run.start]
        if between[-1:] == " " and any(mark in between for mark in marks):
            parts.append([])
        parts[-1].append(group)
    return tuple(_run_of(run, part) for part in parts)


def _run_of(run: DigitRun, groups: Sequence[Group]) -> DigitRun:
    start = run.start if groups[0] is run.groups[0] else groups[0].start
    end = run.end if groups[-1] is run.groups[-1] else groups[-1].end
    return DigitRun(run.text[start - run.start : end - run.start], start, end, tuple(groups))
