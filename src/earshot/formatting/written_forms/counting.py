"""What the words around a number say about it: that it counts things, or is one end of a range."""

from earshot.formatting.written_forms.number_words import BELOW_TWENTY, SCALES, TENS, UNITS, listed
from earshot.formatting.written_forms.spoken import COMMA, Texts

_NO_PLURALS = listed("is was has this as his its us yes does thus always across perhaps")
_COUNTED = listed("people men women children percent per degrees year dollar cent hundred point")
_BETWEEN_ENDS = frozenset({"or", "to", "and", "through"})
MAX_PARTS_OF_FIRST = 6  # "one hundred and twenty five to"


def is_counted(following: str) -> bool:
    """Whether what stands behind a number is counted by it: "dogs", "people"."""
    is_plural = following.endswith("s") and not following.endswith(("ss", "us", "is"))
    is_plural = is_plural and following not in _NO_PLURALS
    return is_plural or following in _COUNTED


def is_end_of_range(spoken: Texts, start: int) -> bool:
    """Whether another number leads up to this one: "ten to twenty", "three or four hundred"."""
    first = spoken[start - 2]
    return spoken[start - 1] in _BETWEEN_ENDS and (first in BELOW_TWENTY or first in TENS)


def shares_scale(spoken: Texts, start: int, end: int) -> bool:
    """Whether the hundreds or thousands of a range are those of its first number too."""
    first = any(_is_scale(spoken[i]) for i in range(start - MAX_PARTS_OF_FIRST, start - 1))
    last = any(_is_scale(spoken[i]) for i in range(start, end))
    return last and not first and is_end_of_range(spoken, start)


def _is_scale(text: str) -> bool:
    return text in SCALES or text == "hundred"


def is_listed_small(spoken: Texts, start: int, end: int) -> bool:
    """Whether the number is one of a list whose others are spelled out: "eight, nine, ten"."""
    before = spoken[start - 1] == COMMA and spoken[start - 2] in UNITS
    return before or (spoken[end] == COMMA and spoken[end + 1] in UNITS)
