"""Measures: "two square kilometers" -> 2 km² by itself; prose shortens only speeds."""

from earshot.formatting.written_forms.forms import Form, Forms, Style
from earshot.formatting.written_forms.numbers import number_forms, read_number
from earshot.formatting.written_forms.spoken import Spoken
from earshot.formatting.written_forms.units import read_unit

_SHORT_IN_PROSE = {"mph": "mph", "km/h": "km/h", "rpm": "rpm"}


def write_measure(spoken: Spoken, start: int, style: Style) -> Forms | None:
    number = read_number(spoken, start)
    if number is None or number.is_approximate:
        return None
    unit = read_unit(spoken, number.end)
    if unit is None or (style is Style.PROSE and unit.symbol not in _SHORT_IN_PROSE):
        return None
    if unit.symbol == "s" and spoken[number.end] == "second" and number.whole != 1:
        return None  # "forty second" is an ordinal
    forms = number_forms(spoken, number, style)
    symbols = unit.symbol.split(" ")
    if len(symbols) == 1:
        return (*forms, Form(unit.symbol, unit.end))
    return (*forms, Form(symbols[0], number.end + 1), Form(symbols[1], unit.end))
