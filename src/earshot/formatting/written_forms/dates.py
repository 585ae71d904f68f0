"""Dates: "july twenty second two thousand eight" -> July 22, 2008."""

from typing import NamedTuple

from earshot.formatting.written_forms.cardinals import Cardinal, read_below_hundred
from earshot.formatting.written_forms.counting import is_counted
from earshot.formatting.written_forms.forms import Form, Forms, Style, longest
from earshot.formatting.written_forms.number_words import listed, starts_number
from earshot.formatting.written_forms.ordinals import ordinal_text, read_ordinal
from earshot.formatting.written_forms.spoken import COMMA, Spoken
from earshot.formatting.written_forms.years import read_year

MONTHS = listed("""
    january february march april may june july august september october november december
    """)
_ALSO_VERBS = frozenset({"march", "may"})
_CUES = listed("on of in by since until till before after from next last early late")


class _Day(NamedTuple):
    value: int
    end: int


def write_date(spoken: Spoken, start: int, style: Style) -> Forms | None:
    if spoken[start] in MONTHS:
        return _write_month_first(spoken, start, style)
    return _write_day_first(spoken, start, style)


def _write_month_first(spoken: Spoken, start: int, style: Style) -> Forms | None:
    """As in "july twenty second two thousand eight", and with the year or the day alone."""
    if style is Style.PROSE and not _is_month(spoken, start):
        return None
    month = Form(spoken.original(start), start + 1)
    readings: list[Forms | None] = []
    year = read_year(spoken, start + 1)
    if year is not None and not starts_number(spoken[year.end]):
        readings.append((month, Form(str(year.value), year.end)))
    if day := _read_day(spoken, start + 1, style):
        readings.append(_with_year(spoken, (month, Form(str(day.value), day.end)), style))
    return longest(readings)


def _with_year(spoken: Spoken, forms: Forms, style: Style) -> Forms | None:
    """The same and the year behind it; None where another number follows."""
    end = forms[-1].end
    year = read_year(spoken, end + (spoken[end] == COMMA))
    if year is None or starts_number(spoken[year.end]):
        return None if starts_number(spoken[end]) else forms
    if style is Style.PROSE and forms[-1].text.isdigit():
        forms = (*forms[:-1], Form(forms[-1].text + ",", end))
    return (*forms, Form(str(year.value), year.end))


def _write_day_first(spoken: Spoken, start: int, style: Style) -> Forms | None:
    """As in "the fifteenth of january"; prose keeps all but the day as it is said."""
    has_article = spoken[start] == "the"
    day = read_ordinal(spoken, start + has_article)
    if day is None or not 1 <= day.value <= 31:
        return None
    month = day.end + (spoken[day.end] == "of")
    if month == day.end or spoken[month] not in MONTHS:
        return None
    if style is Style.VALUE:
        forms: Forms = (Form(str(day.value), month), Form(spoken.original(month), month + 1))
    else:
        forms = (
            *([Form(spoken.original(start), start + 1)] if has_article else []),
            Form(ordinal_text(day.value), day.end),
            Form(spoken.original(day.end), day.end + 1),
            Form(spoken.original(month), month + 1),
        )
    return _with_year(spoken, forms, style)


def _read_day(spoken: Spoken, start: int, style: Style) -> _Day | None:
    """The first to the thirty-first; a bare number where nothing is counted with it."""
    start += spoken[start] == "the"
    if ordinal := read_ordinal(spoken, start):
        return _Day(ordinal.value, ordinal.end) if 1 <= ordinal.value <= 31 else None
    number: Cardinal | None = read_below_hundred(spoken, start)
    if number is None or number.value > 31:
        return None
    if style is Style.PROSE and is_counted(spoken[number.end]):
        return None  # "In June twenty students"
    return _Day(number.value, number.end)


def _is_month(spoken: Spoken, start: int) -> bool:
    """Whether "may" and "march" are months here: by their capital, or by what is before them."""
    if spoken[start] not in _ALSO_VERBS:
        return True
    before = spoken[start - 1]
    return before in _CUES or (start > 0 and spoken.original(start).istitle() and before.isalpha())
