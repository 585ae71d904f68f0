"""Whole numbers: "one hundred and five thousand two" -> 105,002."""

from typing import NamedTuple

from earshot.formatting.written_forms.number_words import (
    BELOW_TWENTY,
    FRACTIONS,
    SCALES,
    TENS,
    UNITS,
)
from earshot.formatting.written_forms.spoken import Texts

ARTICLE = "a"
MILLION = 10**6


class Cardinal(NamedTuple):
    """A whole number that is spoken up to `end`.

    `scale` is the size of the last word where it is all there is behind fewer than a thousand
    ("eight million"): such numbers keep that word when they are written.
    """

    value: int
    end: int
    scale: int = 1


def read_cardinal(spoken: Texts, start: int) -> Cardinal | None:
    """The longest number from `start` on; "and" joins its last two digits and never two numbers."""
    if spoken[start] == "zero":
        return Cardinal(0, start + 1)
    if spoken[start - 1] == "between":
        return _read_after_between(spoken, start)
    return _read_groups(spoken, start, with_and=True)


def _read_after_between(spoken: Texts, start: int) -> Cardinal | None:
    """In "between one hundred and fifty and two hundred" only the last "and" parts two numbers."""
    number = _read_groups(spoken, start, with_and=False)
    if number is None or spoken[number.end] != "and":
        return number
    other = _read_groups(spoken, number.end + 1, with_and=False)
    if other is not None and spoken[other.end] == "and":
        return _read_groups(spoken, start, with_and=True)
    return number


def _read_groups(spoken: Texts, start: int, *, with_and: bool) -> Cardinal | None:
    """Groups of up to three digits, each of a smaller scale than the one before."""
    total, n_groups, end, limit = 0, 0, start, 0
    while True:
        joined = with_and and n_groups > 0 and spoken[end] == "and"
        group = _read_group(spoken, end + joined, with_and=with_and)
        if group is None:
            break
        scale = SCALES.get(spoken[group.end], 1)
        amount = group.value * scale
        # "One hundred and two hundred" are two numbers, and so is what does not get smaller.
        is_another = (joined and amount >= 100) or (limit and amount >= limit)
        is_another = is_another or (joined and _is_share(spoken, group))
        if is_another or (scale > 1 and group.value >= 1000):
            break
        total, n_groups, end, limit = total + amount, n_groups + 1, group.end, scale
        if scale == 1:
            break
        end += 1
    if not n_groups:
        return None
    return Cardinal(total, end, limit if n_groups == 1 and limit >= MILLION else 1)


def _read_group(spoken: Texts, start: int, *, with_and: bool) -> Cardinal | None:
    """1 to 999, and hundreds such as "twenty one hundred"."""
    hundreds = read_below_hundred(spoken, start) or _read_article(spoken, start)
    if hundreds is None or spoken[hundreds.end] != "hundred":
        return hundreds
    if hundreds.value >= 10 and hundreds.value % 10 == 0:
        return None  # nobody counts "twenty hundred"
    value, end = 100 * hundreds.value, hundreds.end + 1
    joined = with_and and spoken[end] == "and"
    rest = read_below_hundred(spoken, end + joined)
    if rest is None or spoken[rest.end] == "hundred" or (joined and _is_share(spoken, rest)):
        return Cardinal(value, end)
    return Cardinal(value + rest.value, rest.end)


def _is_share(spoken: Texts, number: Cardinal) -> bool:
    """Whether "three" is of the "three quarters" in "one hundred and three quarters"."""
    return spoken[number.end] in FRACTIONS


def read_below_hundred(spoken: Texts, start: int) -> Cardinal | None:
    """1 to 99."""
    if tens := TENS.get(spoken[start]):
        unit = UNITS.get(spoken[start + 1])
        return Cardinal(tens + unit, start + 2) if unit else Cardinal(tens, start + 1)
    value = BELOW_TWENTY.get(spoken[start])
    return Cardinal(value, start + 1) if value else None


def _read_article(spoken: Texts, start: int) -> Cardinal | None:
    is_one = spoken[start] == ARTICLE and spoken[start + 1] in {"hundred", *SCALES}
    return Cardinal(1, start + 1) if is_one else None
