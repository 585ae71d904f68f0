"""Times of day: "eleven forty six p m" -> 11:46 p.m."""

from typing import NamedTuple

from earshot.formatting.written_forms.cardinals import read_below_hundred
from earshot.formatting.written_forms.forms import Form, Forms, Style
from earshot.formatting.written_forms.number_words import UNITS, listed, starts_number
from earshot.formatting.written_forms.spoken import COMMA, STOP, Spoken

_HALF_DAYS = (("a", "m"), ("p", "m"), ("am",), ("pm",))
_ZONES = listed("gmt utc est edt cst cdt mst mdt pst pdt cet bst")
_OCLOCK = frozenset({"o'clock", "oclock", "o\u2019clock"})  # codespell:ignore oclock
_CUES = frozenset({"at", "by", "around", "until", "till", "before", "after"})
# What goes on after a time; behind anything else it may be an address or a count.
_AFTER_TIMES = listed("""
    on in this tomorrow today tonight yesterday sharp to until and or but so when we i he she they
    it you for because as if then every with
    """) | {COMMA, STOP}
_PRICES = listed("sold sells sell priced traded trades closed opened valued stands")
_QUARTERS = {"quarter": 15, "half": 30}


class _Clock(NamedTuple):
    hour: int
    minute: int | None
    end: int


def write_clock_time(spoken: Spoken, start: int, style: Style) -> Forms | None:
    if style is Style.VALUE and (clock := _read_relative(spoken, start)):
        return _write(spoken, clock, style)
    clock = _read_clock(spoken, start)
    if clock is None or starts_number(spoken[clock.end]):
        return None
    if style is Style.VALUE and (clock.minute is not None or _is_told(spoken, clock.end)):
        return _write(spoken, clock, style)
    if _half_day(spoken, clock.end):
        return _write(spoken, clock, style)
    is_time = clock.minute is not None and _is_surely_time(spoken, start, clock)
    return _write(spoken, clock, style) if is_time else None


def _read_clock(spoken: Spoken, start: int) -> _Clock | None:
    """An hour from one to twelve, perhaps minutes: "eight", "eight oh five", "eight fifty two"."""
    hour = read_below_hundred(spoken, start)
    if hour is None or hour.value > 12:
        return None
    if spoken[hour.end] in ("oh", "o"):
        unit = UNITS.get(spoken[hour.end + 1])
        return _Clock(hour.value, unit, hour.end + 2) if unit else None
    minute = read_below_hundred(spoken, hour.end)
    if minute is None:
        return _Clock(hour.value, None, hour.end)
    return _Clock(hour.value, minute.value, minute.end) if 10 <= minute.value < 60 else None


def _read_relative(spoken: Spoken, start: int) -> _Clock | None:
    """As in "half past one", "quarter to one", "ten to one"."""
    begin = start + (spoken[start] == "a")
    minute = _QUARTERS.get(spoken[begin])
    end = begin + 1
    if minute is None:
        counted = read_below_hundred(spoken, begin)
        if counted is None or counted.value >= 30:
            return None
        minute, end = counted.value, counted.end
        end += spoken[end] in ("minute", "minutes", "min")
    direction = spoken[end]
    hour = read_below_hundred(spoken, end + 1)
    if hour is None or hour.value > 12:
        return None
    if direction in ("past", "after"):
        return _Clock(hour.value, minute, hour.end)
    if direction in ("to", "of", "till") and minute != 30:
        return _Clock((hour.value - 2) % 12 + 1, 60 - minute, hour.end)
    return None


def _is_told(spoken: Spoken, end: int) -> bool:
    """Whether an hour by itself is said to be one."""
    return spoken[end] in _OCLOCK or _half_day(spoken, end) > 0 or spoken[end] in _ZONES


def _is_surely_time(spoken: Spoken, start: int, clock: _Clock) -> bool:
    if spoken[start - 1] not in _CUES or spoken[clock.end] not in _AFTER_TIMES:
        return False  # "at one twenty three Main Street", "at eight thirty five people"
    return not any(spoken[i] in _PRICES for i in range(start - 4, start))


def _half_day(spoken: Spoken, at: int) -> int:
    """How many parts say a.m. or p.m."""
    return next((len(half) for half in _HALF_DAYS if spoken.follows(at, *half)), 0)


def _write(spoken: Spoken, clock: _Clock, style: Style) -> Forms:
    end = clock.end + (spoken[clock.end] in _OCLOCK)
    if style is Style.PROSE:
        minutes = "" if clock.minute is None else f":{clock.minute:02}"
        forms = [Form(f"{clock.hour}{minutes}", end)]
    else:
        forms = [Form(f"{clock.hour:02}:{clock.minute or 0:02}", end)]
    if n_parts := _half_day(spoken, end):
        forms.append(Form(_half_day_text(spoken, end, n_parts, style), end + n_parts))
        end += n_parts
    if zone := _read_zone(spoken, end):
        forms.append(zone)
    return tuple(forms)


def _half_day_text(spoken: Spoken, at: int, n_parts: int, style: Style) -> str:
    said = "".join(spoken.original(i) for i in range(at, at + n_parts))
    if n_parts == 1 and style is Style.PROSE and said.isupper() and "." not in said:
        return said  # "11:46 AM", as the recognizer has it
    return "".join(f"{letter}." for letter in said.replace(".", ""))


def _read_zone(spoken: Spoken, at: int) -> Form | None:
    for n_parts in (1, 3):
        letters = [spoken[i] for i in range(at, at + n_parts)]
        if "".join(letters) in _ZONES:
            text = "".join(spoken.original(i) for i in range(at, at + n_parts))
            return Form(text, at + n_parts)
    return None
