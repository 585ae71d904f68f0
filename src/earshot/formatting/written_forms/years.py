"""Years: "nineteen oh five" -> 1905, "seven fifty b c" -> 750 BC."""

from earshot.formatting.written_forms.cardinals import Cardinal, read_below_hundred, read_cardinal
from earshot.formatting.written_forms.counting import is_counted
from earshot.formatting.written_forms.forms import Form, Forms, Style
from earshot.formatting.written_forms.number_words import TENS, UNITS, listed, starts_number
from earshot.formatting.written_forms.spoken import STOP, Spoken

_CENTURIES = range(13, 21)  # below that a pair of numbers is rather a time of day
_SURE_CENTURIES = range(17, 20)  # "nineteen forty five" is hardly anything but a year
_CUES = listed("""
    in since until till by before after around year early late mid circa of during spring summer
    autumn fall winter class
    """)
_ERAS = (("b", "c", "e"), ("a", "d"), ("b", "c"), ("c", "e"), ("bce",), ("bc",), ("ad",), ("ce",))
_DECADES = {
    "hundreds": 0,
    **{tens[:-1] + "ies": value for tens, value in TENS.items()},
}


def read_year(spoken: Spoken, start: int) -> Cardinal | None:
    """A year from 1000 on: "nineteen oh five", "twenty twelve", "two thousand and nine"."""
    pair = _read_pair(spoken, start)
    if pair is not None and pair.value >= 1000:
        return pair
    number = read_cardinal(spoken, start)
    return number if number and 1000 <= number.value < 2100 else None


def write_year(spoken: Spoken, start: int, style: Style) -> Forms | None:
    """A year by itself: two numbers in a row, as no amount is said."""
    if forms := _write_era(spoken, start, style) or _write_decade(spoken, start):
        return forms
    year = _read_pair(spoken, start)
    if year is None or year.value // 100 not in _CENTURIES:
        return None
    if style is Style.PROSE and not _is_surely_year(spoken, start, year):
        return None
    return (Form(str(year.value), year.end),)


def _read_pair(spoken: Spoken, start: int) -> Cardinal | None:
    """Hundreds and the rest as two numbers: "sixteen sixty five", "nineteen oh five"."""
    century = read_below_hundred(spoken, start)
    if century is None or century.value > 20:
        return None
    if spoken[century.end] in ("oh", "o"):
        unit = UNITS.get(spoken[century.end + 1])
        return Cardinal(100 * century.value + unit, century.end + 2) if unit else None
    rest = read_below_hundred(spoken, century.end)
    if rest is None or rest.value < 10:
        return None
    return Cardinal(100 * century.value + rest.value, rest.end)


def _is_surely_year(spoken: Spoken, start: int, year: Cardinal) -> bool:
    following = spoken[year.end]
    if is_counted(following) or starts_number(following):
        return False  # "twenty thirty people" are twenty to thirty
    if year.value // 100 in _SURE_CENTURIES:
        return True
    before = spoken[start - 1]
    return before in _CUES or (before == "the" and following == STOP)


def _write_era(spoken: Spoken, start: int, style: Style) -> Forms | None:
    """As in "seven fifty b c": the era is what makes a year of any number."""
    year = _read_pair(spoken, start) or read_cardinal(spoken, start)
    if year is None or year.scale > 1:
        return None
    for era in _ERAS:
        if spoken.follows(year.end, *era):
            if "".join(era) in ("ad", "ce") and style is Style.PROSE and len(era) == 1:
                return None  # "one ad" is an advertisement
            end, text = year.end + len(era), "".join(era).upper()
            if style is Style.VALUE:
                return (Form(f"{year.value}{text}", end),)
            return (Form(str(year.value), year.end), Form(text, end))
    return None


def _write_decade(spoken: Spoken, start: int) -> Forms | None:
    century = read_below_hundred(spoken, start)
    if century is None or century.value not in range(10, 21):
        return None
    decade = _DECADES.get(spoken[century.end])
    if decade is None:
        return None
    return (Form(f"{100 * century.value + decade}s", century.end + 1),)
