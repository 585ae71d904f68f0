"""Runs of digits in a reading: "4111-1111", "4 1 1 1", "(555) 010 2030", as one number each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from earshot.understanding.entities.reading import Reading

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
