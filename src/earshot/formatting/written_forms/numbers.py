"""Numbers with sign, decimals and scale: "minus two point five million" -> -2.5 million."""

from dataclasses import dataclass

from earshot.formatting.written_forms.cardinals import (
    ARTICLE,
    Cardinal,
    read_below_hundred,
    read_cardinal,
)
from earshot.formatting.written_forms.counting import is_counted, is_listed_small, shares_scale
from earshot.formatting.written_forms.forms import Form, Forms, Style
from earshot.formatting.written_forms.number_words import (
    CARDINAL_WORDS,
    DIGITS,
    SCALES,
    listed,
    starts_number,
)
from earshot.formatting.written_forms.spoken import Spoken

SMALLEST_IN_DIGITS = 10  # "two dogs" and "10 hamburgers": how prose is commonly set
MAX_DECIMALS = 40  # more than anybody says
_SIGNS = frozenset({"minus", "negative"})
_SHARES = {
    ("a", "half"): "5",
    ("a", "quarter"): "25",
    ("three", "quarters"): "75",
    ("one", "half"): "5",
}
_BEFORE_POINT = listed(
    "of by is was about around only just to than at with least most nearly almost"
)
_YEAR_CUES = listed(
    "in since until till by before after around year early late mid circa of from to"
)
_NEAR = 3  # "the year is two thousand nine"


@dataclass(frozen=True, slots=True)
class Number:
    """A number that is spoken up to `end`; `whole` is None in "point five".

    `scale_at` is the part with the scale that is written as a word, as in "2.5 million".
    """

    whole: int | None
    end: int
    decimals: str = ""
    is_negative: bool = False
    scale_at: int | None = None
    is_approximate: bool = False  # "a hundred"

    @property
    def is_small(self) -> bool:
        """Whether prose would rather spell it out."""
        is_plain = not (self.decimals or self.is_negative or self.scale_at)
        return is_plain and self.whole is not None and self.whole < SMALLEST_IN_DIGITS

    @property
    def end_of_digits(self) -> int:
        return self.end if self.scale_at is None else self.scale_at

    def text(self, style: Style, *, as_year: bool = False) -> str:
        """The digits, without the scale."""
        if self.whole is None:
            whole = "0" if style is Style.PROSE else ""
        elif style is Style.PROSE and not as_year:
            whole = f"{self.whole:,}"
        else:
            whole = str(self.whole)
        sign = "-" if self.is_negative else ""
        return sign + whole + (f".{self.decimals}" if self.decimals else "")


def read_number(spoken: Spoken, start: int) -> Number | None:
    """The longest number from `start` on."""
    is_negative = spoken[start] in _SIGNS and not starts_number(spoken[start - 1])
    begin = start + is_negative
    cardinal = read_cardinal(spoken, begin)
    if cardinal is None:
        return _read_bare_decimals(spoken, begin, is_negative=is_negative)
    is_approximate = spoken[begin] == ARTICLE and cardinal.end == begin + 2
    if cardinal.scale > 1 and spoken[cardinal.end] != "point":
        return Number(
            cardinal.value // cardinal.scale,
            cardinal.end,
            is_negative=is_negative,
            scale_at=cardinal.end - 1,
            is_approximate=is_approximate,
        )
    decimals, end = _read_decimals(spoken, cardinal)
    scale_at = end if decimals and spoken[end] in SCALES else None
    return Number(
        cardinal.value,
        end if scale_at is None else end + 1,
        decimals,
        is_negative=is_negative,
        scale_at=scale_at,
        is_approximate=is_approximate and not decimals,
    )


def write_number(spoken: Spoken, start: int, style: Style) -> Forms | None:
    """A number by itself: in prose not the small ones, nor "a hundred"."""
    number = read_number(spoken, start)
    if number is None or number.is_small or number.is_approximate:
        return None
    if style is Style.PROSE and is_listed_small(spoken, start, number.end):
        return None
    if style is Style.PROSE and shares_scale(spoken, start, number.end):
        return _write_shared_scale(spoken, start)
    return number_forms(spoken, number, style, as_year=_may_be_year(spoken, start, number))


def _write_shared_scale(spoken: Spoken, start: int) -> Forms | None:
    """As in "twenty thousand" after "ten to": the scale stays a word, as it goes with both."""
    number = read_below_hundred(spoken, start)
    if number is None or number.value < SMALLEST_IN_DIGITS or spoken[number.end] not in SCALES:
        return None
    if starts_number(spoken[number.end + 1]) or spoken.follows(number.end + 1, "and"):
        return None
    digits = Form(str(number.value), number.end)
    return digits, Form(spoken.original(number.end), number.end + 1)


def number_forms(spoken: Spoken, number: Number, style: Style, *, as_year: bool = False) -> Forms:
    digits = Form(number.text(style, as_year=as_year), number.end_of_digits)
    if number.scale_at is None:
        return (digits,)
    return (digits, Form(spoken.original(number.scale_at), number.end))


def read_digits(spoken: Spoken, start: int) -> str:
    """One digit for each part."""
    end = start
    while end - start < MAX_DECIMALS and spoken[end] in DIGITS:
        end += 1
    return "".join(DIGITS[spoken[i]] for i in range(start, end))


def _read_decimals(spoken: Spoken, whole: Cardinal) -> tuple[str, int]:
    """The digits behind the point, and where they end; none where there is no point."""
    end = whole.end
    if spoken[end] == "point":
        return _read_after_point(spoken, end + 1) or ("", end)
    if spoken[end] == "and":
        share = _SHARES.get((spoken[end + 1], spoken[end + 2]))
        # "Two and a half", with nothing behind it that wants a figure, stays as it is.
        if share and (whole.value >= SMALLEST_IN_DIGITS or _wants_digits(spoken[end + 3])):
            return share, end + 3
    return "", end


def _wants_digits(text: str) -> bool:
    return text in SCALES or text in {"percent", "per"}


def _read_after_point(spoken: Spoken, start: int) -> tuple[str, int] | None:
    digits = read_digits(spoken, start)
    if digits:
        end = start + len(digits)
        # "Point five hundred" and "point five twenty" are nothing that we know.
        return None if spoken[end] in CARDINAL_WORDS - SCALES.keys() else (digits, end)
    pair = read_below_hundred(spoken, start)
    if pair is None or spoken[pair.end] in CARDINAL_WORDS - SCALES.keys():
        return None
    return str(pair.value), pair.end


def _read_bare_decimals(spoken: Spoken, start: int, *, is_negative: bool) -> Number | None:
    """As in "point two": not the point at which two people meet."""
    if spoken[start] != "point" or not (
        is_negative or start == 0 or spoken[start - 1] in _BEFORE_POINT
    ):
        return None
    found = _read_after_point(spoken, start + 1)
    if found is None:
        return None
    decimals, end = found
    scale_at = end if spoken[end] in SCALES else None
    return Number(None, end if scale_at is None else end + 1, decimals, is_negative, scale_at)


def _may_be_year(spoken: Spoken, start: int, number: Number) -> bool:
    """As in "in two thousand nine" is a year and has no comma."""
    is_in_range = number.whole is not None and 1000 <= number.whole < 2100
    is_recent = number.whole is not None and 2000 < number.whole < 2100
    has_cue = spoken[start - 1] in _YEAR_CUES or "year" in map(
        spoken.__getitem__, range(start - _NEAR, start)
    )
    has_cue = has_cue or (is_recent and not is_counted(spoken[number.end]))
    return is_in_range and not number.decimals and has_cue
