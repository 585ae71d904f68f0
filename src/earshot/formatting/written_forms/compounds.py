"""Numbers in front of a hyphen: "twenty-five-year-old" -> 25-year-old."""

import re

from earshot.formatting.written_forms.number_words import BELOW_TWENTY, TENS, UNITS, is_number_word

SMALLEST_IN_DIGITS = 10  # "a two-year-old"
_HYPHEN = re.compile("[-\u2010\u2011]")


def write_compound(core: str) -> str:
    """The text with its number in digits; as it is where there is none, or a small one."""
    first, *rest = _HYPHEN.split(core)
    number = {**BELOW_TWENTY, **TENS}.get(first.lower(), 0)
    if rest and number in TENS.values() and (unit := UNITS.get(rest[0].lower())):
        number, rest = number + unit, rest[1:]
    is_compound = (
        bool(rest) and all(rest) and not any(is_number_word(text.lower()) for text in rest)
    )
    return "-".join([str(number), *rest]) if is_compound and number >= SMALLEST_IN_DIGITS else core
