"""Numbers as English says them, read as the figures that would be written."""

from collections.abc import Sequence
from typing import NamedTuple

_BELOW_TWENTY = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen
    """
_UNITS = {name: number for number, name in enumerate(_BELOW_TWENTY.split())}
_DIGITS = {name: number for name, number in _UNITS.items() if number < 10}
_TENS = {
    name: 10 * number
    for number, name in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ORDINALS_LISTED = """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
    fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth
    """
_ORDINAL_UNITS = {name: n for n, name in enumerate(_ORDINALS_LISTED.split(), start=1)}
_ORDINAL_TENS = {"twentieth": 20, "thirtieth": 30}
_ZEROS = frozenset({"oh", "o", "nought", "naught"})
_MARKS = frozenset({"colon", "dash", "dot", "hyphen"})
_REPEATS = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}


class Figures(NamedTuple):
    """Digits, and the index behind the last word that they were read from."""

    digits: str
    end: int


def is_number_word(word: str) -> bool:
    """Whether a lower-case word alone is a number below a hundred."""
    return word in _UNITS or word in _TENS


def is_ordinal(words: Sequence[str]) -> bool:
    """Whether two lower-case words are an ordinal: "twenty", "fifth"."""
    return len(words) == 2 and words[0] in _TENS and 0 < _ORDINAL_UNITS.get(words[1], 0) < 10


def is_digit(word: str) -> bool:
    """Whether a lower-case word is a digit, said or written."""
    return word in _DIGITS or (len(word) == 1 and word.isdecimal())


def read_figures(words: Sequence[str], start: int) -> Figures | None:
    """The number that begins at a word; None where none does.

    Words are lower-case, without marks; an empty one breaks a number. Groups stay groups, as they
    are said: "forty one eleven" is 41, then 11.
    """
    return (
        _read_repeat(words, start)
        or _read_zero(words, start)
        or _read_ordinal(words, start)
        or _read_cardinal(words, start)
    )


def _at(words: Sequence[str], index: int) -> str:
    return words[index] if 0 <= index < len(words) else ""


def _read_repeat(words: Sequence[str], start: int) -> Figures | None:
    """Reads "double five" is 55."""
    n_times = _REPEATS.get(words[start])
    digit = _at(words, start + 1)
    if n_times is None:
        return None
    if is_digit(digit) or digit in _ZEROS:
        return Figures(_digit_of(digit) * n_times, start + 2)
    return None


def _digit_of(word: str) -> str:
    return "0" if word in _ZEROS else str(_DIGITS.get(word, word))


def _read_zero(words: Sequence[str], start: int) -> Figures | None:
    """Reads "oh" is a zero beside a number or something spelled, and a sigh elsewhere."""
    if words[start] not in _ZEROS:
        return None
    first, last = start, start
    while _at(words, first - 1) in _ZEROS:
        first -= 1
    while _at(words, last + 1) in _ZEROS:
        last += 1
    beside = (_at(words, first - 1), _at(words, last + 1))
    # "o" among letters is one of them; nobody spells a letter as "oh".
    is_spelled = words[start] == "oh" and (
        any(_is_spelled(word) for word in beside) or _at(words, first - 2) in _MARKS
    )
    if is_spelled or any(_is_figure(word) for word in beside):
        return Figures("0", start + 1)
    return None


def _is_figure(word: str) -> bool:
    return is_number_word(word) or word.isdecimal() or word in _REPEATS


def _is_spelled(word: str) -> bool:
    return (len(word) == 1 and word.isalpha() and word not in ("a", "i")) or word in _MARKS


def _read_ordinal(words: Sequence[str], start: int) -> Figures | None:
    """Days and floors: "twenty first" is 21st; "second" alone stays a word."""
    first, second = words[start], _at(words, start + 1)
    if first in _TENS and second in _ORDINAL_UNITS and _ORDINAL_UNITS[second] < 10:
        return Figures(f"{_TENS[first] + _ORDINAL_UNITS[second]}{_ending(second)}", start + 2)
    if first in _ORDINAL_TENS:
        return Figures(f"{_ORDINAL_TENS[first]}th", start + 1)
    if first in _ORDINAL_UNITS and first != "second":
        return Figures(f"{_ORDINAL_UNITS[first]}{_ending(first)}", start + 1)
    return None


def _ending(ordinal: str) -> str:
    return {"first": "st", "second": "nd", "third": "rd"}.get(ordinal, "th")


def _read_cardinal(words: Sequence[str], start: int) -> Figures | None:
    group = _read_below_thousand(words, start)
    if group is None:
        return None
    value, end = group
    scale = _SCALES.get(_at(words, end))
    if scale is None:
        return Figures(str(value), end)
    total = 0
    while scale is not None:
        total, end = total + value * scale, end + 1
        after = end + 1 if _at(words, end) == "and" else end
        following = _read_below_thousand(words, after)
        if following is None:
            return Figures(str(total), end)
        next_scale = _SCALES.get(_at(words, following[1]))
        if next_scale is not None and next_scale >= scale:
            return Figures(str(total), end)
        (value, end), scale = following, next_scale
    return Figures(str(total + value), end)


def _read_below_thousand(words: Sequence[str], start: int) -> tuple[int, int] | None:
    """The value and the end of "twenty five", "four hundred and two", "eleven"."""
    small = _read_below_hundred(words, start)
    if small is None:
        return None
    value, end = small
    if _at(words, end) != "hundred" or value == 0:
        return small
    value, end = value * 100, end + 1
    after = end + 1 if _at(words, end) == "and" else end
    rest = _read_below_hundred(words, after)
    if rest is None or rest[0] == 0:
        return value, end
    return value + rest[0], rest[1]


def _read_below_hundred(words: Sequence[str], start: int) -> tuple[int, int] | None:
    word = _at(words, start)
    if word in _UNITS:
        return _UNITS[word], start + 1
    if word not in _TENS:
        return None
    unit = _DIGITS.get(_at(words, start + 1), 0)
    return _TENS[word] + unit, start + (2 if unit else 1)
