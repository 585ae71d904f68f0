"""Written forms, and how many spoken parts each of them stands for."""

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from earshot.formatting.written_forms.spoken import Spoken


class Style(Enum):
    """PROSE is what a reader of running text expects; VALUE is a field that holds one value."""

    PROSE = "prose"
    VALUE = "value"


class Form(NamedTuple):
    """A written word; it stands for the parts up to `end`, from where the form before it ended."""

    text: str
    end: int


Forms = tuple[Form, ...]
# What is spoken from an index on, as written forms; None where the reader knows better than to try.
Reader = Callable[[Spoken, int, Style], Forms | None]


def longest(readings: list[Forms | None]) -> Forms | None:
    """The reading that reaches furthest; of several, the first."""
    found = [reading for reading in readings if reading]
    return max(found, key=lambda forms: forms[-1].end) if found else None
