"""Fractions: "three sixteenths" -> 3/16; the everyday ones stay words in prose."""

from earshot.formatting.written_forms.cardinals import Cardinal, read_below_hundred
from earshot.formatting.written_forms.forms import Form, Forms, Style
from earshot.formatting.written_forms.number_words import BELOW_TWENTY, ORDINALS, TENS
from earshot.formatting.written_forms.spoken import Spoken

SMALLEST_IN_DIGITS = 10  # "two thirds", but 3/16
_DENOMINATORS = {
    "half": 2,
    "halves": 2,
    "quarter": 4,
    "quarters": 4,
    **{word: {**BELOW_TWENTY, **TENS}.get(number, 0) for word, number in ORDINALS.items()},
}


def write_fraction(spoken: Spoken, start: int, style: Style) -> Forms | None:
    """One number below twenty over another; "twenty one hundredths" could be two things."""
    over = read_below_hundred(spoken, start)
    if over is None or over.end != start + 1 or over.value >= 20:
        return None
    under = _read_denominator(spoken, over)
    if under is None or over.value >= under.value:
        return None
    if style is Style.PROSE and under.value < SMALLEST_IN_DIGITS:
        return None
    return (Form(f"{over.value}/{under.value}", under.end),)


def _read_denominator(spoken: Spoken, over: Cardinal) -> Cardinal | None:
    text = spoken[over.end]
    if text == "second":
        return None
    singular = text if over.value == 1 else text.removesuffix("s") if text.endswith("s") else ""
    value = _DENOMINATORS.get(text if text == "halves" else singular, 0)
    return Cardinal(value, over.end + 1) if value > 1 else None
