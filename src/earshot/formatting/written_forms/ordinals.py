"""Ordinals: "twenty first" -> 21st."""

from dataclasses import dataclass

from earshot.formatting.written_forms.cardinals import Cardinal, read_cardinal
from earshot.formatting.written_forms.forms import Form, Forms, Style
from earshot.formatting.written_forms.number_words import CARDINAL_WORDS, ORDINALS
from earshot.formatting.written_forms.spoken import STOP, Spoken, Texts

MAX_PARTS = 40  # more than any number has
SMALLEST_IN_DIGITS = 10  # "the first three", but "the 10th"


@dataclass(frozen=True, slots=True)
class _Overlay:
    """The same parts up to one that has another text; beyond it there is nothing."""

    spoken: Texts
    index: int
    text: str

    def __getitem__(self, index: int) -> str:
        if index > self.index:
            return STOP
        return self.text if index == self.index else self.spoken[index]


def read_ordinal(spoken: Texts, start: int) -> Cardinal | None:
    """The value of an ordinal: the cardinal that its last word would make, which must be whole."""
    last = start
    while last - start < MAX_PARTS and (
        spoken[last] in CARDINAL_WORDS or (last > start and spoken[last] == "and")
    ):
        last += 1
    cardinal_word = ORDINALS.get(spoken[last])
    if cardinal_word is None:
        return None
    counted = read_cardinal(_Overlay(spoken, last, cardinal_word), start)
    return Cardinal(counted.value, last + 1) if counted and counted.end == last + 1 else None


def write_ordinal(spoken: Spoken, start: int, style: Style) -> Forms | None:
    ordinal = read_ordinal(spoken, start)
    if ordinal is None:
        return None
    if style is Style.PROSE and (
        ordinal.value < SMALLEST_IN_DIGITS or _may_be_time(spoken, ordinal)
    ):
        return None
    return (Form(ordinal_text(ordinal.value), ordinal.end),)


def ordinal_text(value: int) -> str:
    if value % 100 in (11, 12, 13):
        return f"{value}th"
    return f"{value}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(value % 10, 'th') }"


def _may_be_time(spoken: Spoken, ordinal: Cardinal) -> bool:
    """A "twenty second" delay lasts so long; it is not the 22nd."""
    return spoken[ordinal.end - 1] == "second" and ordinal.value < 100
