"""Spoken numbers, dates, amounts and addresses into written ones; every word keeps its time."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from earshot.formatting.written_forms.addresses import write_address
from earshot.formatting.written_forms.clock_times import write_clock_time
from earshot.formatting.written_forms.compounds import write_compound
from earshot.formatting.written_forms.dates import MONTHS, write_date
from earshot.formatting.written_forms.digit_strings import write_digit_string
from earshot.formatting.written_forms.forms import Forms, Reader, Style, longest
from earshot.formatting.written_forms.fractions import write_fraction
from earshot.formatting.written_forms.measures import write_measure
from earshot.formatting.written_forms.money import write_money
from earshot.formatting.written_forms.number_words import (
    CARDINAL_WORDS,
    ORDINALS,
    listed,
    starts_number,
)
from earshot.formatting.written_forms.numbers import write_number
from earshot.formatting.written_forms.ordinals import write_ordinal
from earshot.formatting.written_forms.percentages import write_percentage
from earshot.formatting.written_forms.spoken import Spoken
from earshot.formatting.written_forms.titles import NAME_STARTS, TITLES, write_name, write_title
from earshot.formatting.written_forms.years import write_year
from earshot.transcript.words import Word, mean_confidence

MAX_VALUE_PARTS = 60  # longer texts are prose
# Of readings that reach equally far, the first.
_READERS: tuple[Reader, ...] = (
    write_name,
    write_title,
    write_address,
    write_date,
    write_percentage,
    write_money,
    write_measure,
    write_clock_time,
    write_digit_string,
    write_year,
    write_fraction,
    write_ordinal,
    write_number,
)
# With other parts than these, or a single letter, nothing that is read here begins.
_STARTERS = frozenset(
    {
        *CARDINAL_WORDS,
        *ORDINALS,
        *MONTHS,
        *TITLES,
        *NAME_STARTS,
        *listed("the minus negative point double triple plus oh http https www"),
    }
)
_ADDRESS_MARKS = frozenset({"dot", "at", "underscore", "dash", "hyphen"})
MAX_FIGURES_IN_NAME = 8  # "jane one nine eight two at"


def write_forms(words: Sequence[Word], kept: Collection[int] = ()) -> list[Word]:
    """The words of one channel with numbers written as a reader expects them.

    A written word spans the spoken ones that it stands for, and has their mean confidence. Words
    whose index is in `kept` stay as they are. A text without punctuation that is nothing but one
    value ("eighteen square feet") is written as in a form: 18 sq ft.
    """
    spoken = Spoken(words)
    if not kept and len(spoken) <= MAX_VALUE_PARTS:
        value = _read(spoken, 0, Style.VALUE)
        if value and value[-1].end == len(spoken) and not spoken.affixed[-1].trail:
            return _write(spoken, 0, value)
    written: list[Word] = []
    index = 0
    while index < len(spoken):
        forms = _read_prose(spoken, index, kept)
        if forms is None:
            end = _end_of_unread(spoken, index)
            written += _words(spoken, index)
            index = end
        else:
            written += _write(spoken, index, forms)
            index = forms[-1].end
    return written


def _read_prose(spoken: Spoken, index: int, kept: Collection[int]) -> Forms | None:
    """What to write from here on; None where the words stay, for want of a single meaning."""
    if not _may_start(spoken, index) or not spoken.is_first_of_word(index):
        return None
    forms = _read(spoken, index, Style.PROSE)
    if forms is None or not all(spoken.is_last_of_word(form.end - 1) for form in forms):
        return None
    if any(spoken.parts[i].word in kept for i in range(index, forms[-1].end)):
        return None
    # Of "eight fifty two" and "2005 twenty-one" nobody knows what belongs together.
    before, after = spoken[index - 1], spoken[forms[-1].end]
    is_crowded = before in ("point", "foot") or _is_figure(before)
    if forms[-1].text[-1].isdigit():
        is_crowded = is_crowded or after == "point" or _is_figure(after)
    return None if is_crowded else forms


def _read(spoken: Spoken, index: int, style: Style) -> Forms | None:
    return longest([read(spoken, index, style) for read in _READERS])


def _may_start(spoken: Spoken, index: int) -> bool:
    """Whether any reader would look at this part: spares the time for all other words."""
    text = spoken[index]
    if text in _STARTERS or len(text) == 1 or spoken[index + 1] in _ADDRESS_MARKS:
        return True
    if text.startswith("www.") or spoken[index + 1] == "slash":
        return True
    return starts_number(spoken[index + 1]) and any(
        spoken[i] == "at" for i in range(index + 2, index + 2 + MAX_FIGURES_IN_NAME)
    )


def _is_figure(text: str) -> bool:
    return text in CARDINAL_WORDS or any(character.isdigit() for character in text)


def _end_of_unread(spoken: Spoken, index: int) -> int:
    """The end of the word, or mark, at `index`."""
    while not spoken.is_last_of_word(index):
        index += 1
    return index + 1


def _words(spoken: Spoken, index: int) -> list[Word]:
    """The word at `index` with its own time, if there is one and not a mark."""
    word = spoken.parts[index].word
    if word is None:
        return []
    affixed = spoken.affixed[word]
    text = affixed._replace(core=write_compound(affixed.core)).text
    unchanged = spoken.words[word]
    return [unchanged if text == unchanged.text else replace(unchanged, text=text)]


def _write(spoken: Spoken, start: int, forms: Forms) -> list[Word]:
    """A word for each form; marks around all of them stay."""
    written: list[Word] = []
    for number, form in enumerate(forms):
        indices = [i for part in spoken.parts[start : form.end] if (i := part.word) is not None]
        first, last = indices[0], indices[-1]
        lead = spoken.affixed[first].lead if number == 0 else ""
        trail = spoken.affixed[last].trail if number == len(forms) - 1 else ""
        if form.text.endswith("."):
            trail = trail.removeprefix(".")  # the one of "p.m." is there already
        sources = spoken.words[first : last + 1]
        written.append(
            replace(
                sources[0],
                text=lead + form.text + trail,
                end_ms=sources[-1].end_ms,
                confidence=mean_confidence(sources),
            )
        )
        start = form.end
    return written
