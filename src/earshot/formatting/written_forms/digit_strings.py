"""Numbers that are said digit by digit: phones, cards, codes. "double oh seven" -> 007."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from earshot.formatting.written_forms.cardinals import read_below_hundred, read_cardinal
from earshot.formatting.written_forms.forms import Form, Forms, Style
from earshot.formatting.written_forms.number_words import (
    CARDINAL_WORDS,
    DIGITS,
    listed,
    starts_number,
)
from earshot.formatting.written_forms.spoken import COMMA, Spoken

MIN_DIGITS = 3  # of a text that is nothing else
MIN_DIGITS_IN_PROSE = 4
MIN_DIGITS_WITH_COMMAS = 7  # below that, "one, two, three" is rather counted than dialled
N_OCTETS = 4
MAX_OCTET = 255
MAX_DIGITS = 40  # of one number; bounds the work on what goes on and on
_REPEATS = {"double": 2, "triple": 3}
_PHONE_CUES = listed("call phone telephone mobile cell fax dial text reach ring number")
_CODE_CUES = listed(
    "number code pin room flight extension ext dial card account area id zip channel"
)
_SECURITY = (("ssn",), ("s", "s", "n"), ("social", "security"), ("social", "security", "number"))
# Digits of each group; the first of a number with its country's code.
_CARD = (4, 4, 4, 4)
_CARD_OF_15 = (4, 6, 5)
_PHONE = (3, 3, 4)
_LOCAL_PHONE = (3, 4)
_SECURITY_NUMBER = (3, 2, 4)


class _Digit(NamedTuple):
    text: str  # "33" of "double three"
    end: int


def write_digit_string(spoken: Spoken, start: int, style: Style) -> Forms | None:
    if spoken[start] == "plus" and not starts_number(spoken[start - 1]):
        return _write_international(spoken, start)
    if dotted := _read_dotted(spoken, start):
        return dotted
    if style is Style.VALUE and (serial := _read_serial(spoken, start)):
        return serial
    digits = _read_digits(spoken, start, across=COMMA) or _read_digits(spoken, start)
    if not digits or _goes_on(spoken, digits[-1].end) or starts_number(spoken[start - 1]):
        return None
    text = "".join(digit.text for digit in digits)
    if len(text) < _min_digits(spoken, start, style) or _counts(text):
        return None
    return _write_groups(digits, _groups(spoken, start, text, style))


def _read_digits(spoken: Spoken, start: int, across: str = "") -> list[_Digit]:
    """A digit for each part or two; with `across`, such marks may stand between them."""
    digits: list[_Digit] = []
    end = start
    while len(digits) < MAX_DIGITS and (digit := _read_digit(spoken, end)):
        digits.append(digit)
        end = digit.end + (across != "" and spoken[digit.end] == across)
    n_digits = sum(len(digit.text) for digit in digits)
    return [] if across and n_digits < MIN_DIGITS_WITH_COMMAS else digits


def _read_digit(spoken: Spoken, at: int) -> _Digit | None:
    times = _REPEATS.get(spoken[at], 1)
    at += times > 1
    digit = DIGITS.get(spoken[at])
    return _Digit(digit * times, at + 1) if digit else None


def _goes_on(spoken: Spoken, end: int) -> bool:
    """Whether the last digit belongs to what follows: "one two three hundred"."""
    return spoken[end] in CARDINAL_WORDS or spoken[end] == "point" or starts_number(spoken[end])


def _min_digits(spoken: Spoken, start: int, style: Style) -> int:
    if style is Style.VALUE or _cued(spoken, start, _CODE_CUES):
        return MIN_DIGITS
    return MIN_DIGITS_IN_PROSE


def _counts(text: str) -> bool:
    """Whether somebody is counting up or down: "one two three four"."""
    steps = {int(after) - int(before) for before, after in pairwise(text)}
    return len(text) >= MIN_DIGITS_IN_PROSE and steps in ({1}, {-1})


def _cued(spoken: Spoken, start: int, cues: frozenset[str], n_parts: int = 5) -> bool:
    return any(spoken[i] in cues for i in range(start - n_parts, start))


def _groups(spoken: Spoken, start: int, text: str, style: Style) -> tuple[Sequence[int], str]:
    """How many digits stand together, and what is between the groups."""
    n_digits = len(text)
    if card := _card_groups(text):
        return card, " "
    if n_digits == 10:
        return _PHONE, "-"
    if n_digits == 11 and text[0] == "1":
        return (1, *_PHONE), "-"
    if n_digits == 9 and _follows_security(spoken, start):
        return _SECURITY_NUMBER, "-"
    if n_digits == 7 and style is Style.PROSE and _cued(spoken, start, _PHONE_CUES):
        return _LOCAL_PHONE, "-"
    return (n_digits,), ""


def _card_groups(text: str) -> Sequence[int]:
    if len(text) == 16:
        return _CARD
    return _CARD_OF_15 if len(text) == 15 and text.startswith(("34", "37")) else ()


def _follows_security(spoken: Spoken, start: int) -> bool:
    starts = [start - 1 - (spoken[start - 1] == "is" or spoken[start - 1] == ":")]
    return any(
        spoken.follows(end - len(phrase) + 1, *phrase) for end in starts for phrase in _SECURITY
    )


def _write_groups(digits: Sequence[_Digit], how: tuple[Sequence[int], str]) -> Forms | None:
    """Groups with a space between become words of their own, if no "double" lies across."""
    sizes, separator = how
    forms: list[Form] = []
    text, size = "", iter(sizes)
    wanted = next(size)
    groups: list[str] = []
    for digit in digits:
        text += digit.text
        while len(text) >= wanted > 0:
            groups.append(text[:wanted])
            text = text[wanted:]
            wanted = next(size, 0)
            if separator == " " and text:
                return (Form("".join(d.text for d in digits), digits[-1].end),)
            if separator == " ":
                forms.append(Form(groups[-1], digit.end))
    return tuple(forms) or (Form(separator.join(groups), digits[-1].end),)


def _write_international(spoken: Spoken, start: int) -> Forms | None:
    """As in "plus nine one", and the ten digits of the number itself."""
    digits = _read_country(spoken, start + 1) or _read_digits(spoken, start + 1)
    if not digits or _goes_on(spoken, digits[-1].end):
        return None
    text = "".join(digit.text for digit in digits)
    n_country = len(text) - sum(_PHONE)
    if not 1 <= n_country <= 3:
        return (Form(f"+{text}", digits[-1].end),) if len(text) >= MIN_DIGITS_WITH_COMMAS else None
    heads = [i for i in range(1, len(digits)) if _length(digits[:i]) == n_country]
    if not heads:
        return (Form(f"+{text}", digits[-1].end),)
    number = _write_groups(digits[heads[0] :], (_PHONE, "-"))
    return (Form(f"+{text[:n_country]}", digits[heads[0] - 1].end), *(number or ()))


def _read_country(spoken: Spoken, start: int) -> list[_Digit]:
    """The digits of "forty four one two three", the code of a country said as a number."""
    code = read_below_hundred(spoken, start)
    if code is None or code.value < 20:
        return []
    return [_Digit(str(code.value), code.end), *_read_digits(spoken, code.end)]


def _read_dotted(spoken: Spoken, start: int) -> Forms | None:
    """The four numbers of an address: "one nine two dot one six eight dot zero dot one"."""
    octets: list[str] = []
    end = start
    while octet := _read_octet(spoken, end):
        octets.append(octet.text)
        end = octet.end
        if len(octets) == N_OCTETS or spoken[end] != "dot":
            break
        end += 1
    if len(octets) != N_OCTETS or spoken[end] == "dot" or _goes_on(spoken, end):
        return None
    return (Form(".".join(octets), end),)


def _read_octet(spoken: Spoken, start: int) -> _Digit | None:
    digits = _read_digits(spoken, start)
    number = read_cardinal(spoken, start)
    if number is not None and (not digits or number.end > digits[-1].end):
        return _Digit(str(number.value), number.end) if number.value <= MAX_OCTET else None
    text = "".join(digit.text for digit in digits)
    return _Digit(text, digits[-1].end) if digits and int(text) <= MAX_OCTET else None


def _read_serial(spoken: Spoken, start: int) -> Forms | None:
    """Spelled letters and figures, both of them: "a b nine", "x eighty six"."""
    text, end = "", start
    if spoken[start] in DIGITS or starts_number(spoken[start]):
        return None
    while True:
        letter = spoken[end]
        if len(letter) == 1 and letter.isalpha():
            text, end = text + spoken.original(end), end + 1
        elif digits := _read_digits(spoken, end):
            text, end = text + "".join(digit.text for digit in digits), digits[-1].end
        elif number := read_below_hundred(spoken, end):
            text, end = f"{text}{number.value}", number.end
        else:
            break
    is_mixed = any(map(str.isalpha, text)) and any(map(str.isdigit, text))
    return (Form(text, end),) if is_mixed else None


def _length(digits: Sequence[_Digit]) -> int:
    return sum(len(digit.text) for digit in digits)
