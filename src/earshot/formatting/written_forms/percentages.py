"""Percentages: "eight point five percent" -> 8.5%."""

from earshot.formatting.written_forms.counting import is_end_of_range
from earshot.formatting.written_forms.forms import Form, Forms, Style
from earshot.formatting.written_forms.numbers import number_forms, read_number
from earshot.formatting.written_forms.spoken import Spoken


def write_percentage(spoken: Spoken, start: int, style: Style) -> Forms | None:
    number = read_number(spoken, start)
    if number is None or is_end_of_range(spoken, start):
        return None
    if spoken[number.end] == "percent":
        end = number.end + 1
    elif spoken.follows(number.end, "per", "cent"):
        end = number.end + 2
    else:
        return None
    forms = number_forms(spoken, number, style)
    if style is Style.VALUE or number.scale_at is not None:
        return (*forms, Form("%" if style is Style.VALUE else "percent", end))
    return (Form(forms[0].text + "%", end),)
