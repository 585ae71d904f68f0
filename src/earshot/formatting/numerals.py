"""Numerals as English words: "35%" -> "thirty five percent". No digit is ever dropped."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from earshot.formatting.affixes import Affixed, split_affixes
from earshot.formatting.cardinals import (
    MAX_CARDINAL,
    YEARS,
    spell_cardinal,
    spell_digits,
    spell_ordinal,
    spell_year,
)
from earshot.formatting.spans import split_word
from earshot.transcript.punctuation import APOSTROPHES, DASHES
from earshot.transcript.words import Word


class _Currency(NamedTuple):
    one: str
    many: str
    one_cent: str
    many_cents: str


_CURRENCIES = {
    "$": _Currency("dollar", "dollars", "cent", "cents"),
    "\u20ac": _Currency("euro", "euros", "cent", "cents"),
    "\u00a3": _Currency("pound", "pounds", "penny", "pence"),
    "\u00a5": _Currency("yen", "yen", "sen", "sen"),
}
_SIGNS = "".join(re.escape(sign) for sign in _CURRENCIES)
_MAGNITUDES = {
    "k": "thousand",
    "m": "million",
    "mm": "million",
    "b": "billion",
    "bn": "billion",
    "t": "trillion",
    "tn": "trillion",
}
_SYMBOLS = {
    "%": ("percent",),
    "&": ("and",),
    "+": ("plus",),
    "=": ("equals",),
    "@": ("at",),
    "/": ("slash",),
    "\u2212": ("minus",),
    "\u00d7": ("times",),
    "\u00b1": ("plus", "or", "minus"),
    "\u00b0": ("degrees",),
    "\u00b0c": ("degrees", "celsius"),
    "\u00b0f": ("degrees", "fahrenheit"),
    "\u00a2": ("cents",),
    "#": ("number",),
    ":": ("to",),
    ",": (),
    "'": (),
    '"': (),
    "(": (),
    ")": (),
    ";": (),
    **{sign: (currency.many,) for sign, currency in _CURRENCIES.items()},
}
_MINUS = "-\u2212"
_STANDALONE_SYMBOLS = frozenset("%&+=@")
_VULGAR = {
    "\u00bd": "1/2",
    "\u00bc": "1/4",
    "\u00be": "3/4",
    "\u2153": "1/3",
    "\u2154": "2/3",
    "\u215b": "1/8",
    "\u215c": "3/8",
    "\u215d": "5/8",
    "\u215e": "7/8",
}
_VULGAR_FRACTION = re.compile(rf"([0-9]*)([{''.join(_VULGAR)}])")
_DENOMINATORS = frozenset({2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 20, 32, 64, 100, 1000})
_PAIRS_WITHOUT_SLASH = frozenset({"24/7", "50/50", "9/11", "60/40", "20/20", "80/20"})

_MONTHS_LISTED = """
January February March April May June July August September October November December
"""
_MONTHS = frozenset(_MONTHS_LISTED.split())
_DAY = re.compile("[1-9]|[12][0-9]|3[01]")

_NUMBER = r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+"
_CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?::([0-5][0-9]))?([ap]\.?m)?", re.IGNORECASE)
_HALF_DAY = re.compile(r"[ap]\.?m", re.IGNORECASE)
_ORDINAL = re.compile(rf"({_NUMBER})(?:st|nd|rd|th)", re.IGNORECASE)
_PLURAL = re.compile(r"([0-9]+)['\u2019]?s", re.IGNORECASE)
_MONEY = re.compile(
    rf"([{_MINUS}]?)(?:us)?([{_SIGNS}])({_NUMBER})(?:\.([0-9]+))?(k|mm?|bn?|tn?)?", re.IGNORECASE
)
_FRACTION = re.compile(r"([0-9]+)/([0-9]+)")
_HEIGHT = re.compile(r"([0-9]{1,2})['\u2019\u2032]([0-9]{1,2})")
_PHONE = re.compile(r"\+?[0-9]+(?:[-.][0-9]+){2,}|[0-9]{3}-[0-9]{4}")
_DOTTED = re.compile(r"[0-9]+(?:\.[0-9]+){2,}")  # a version or an address, no phone number
_DOTTED_PHONE = re.compile(r"(?:[0-9]\.)?[0-9]{3}\.[0-9]{3}\.[0-9]{4}")
_DASH = re.compile(rf"[{re.escape(DASHES)}]")
_RANGE_END = rf"[{_SIGNS}]?[0-9][0-9,.:]*(?:%|st|nd|rd|th|s|k|m|am|pm)?"
_RANGE = re.compile(rf"({_RANGE_END}){_DASH.pattern}({_RANGE_END})", re.IGNORECASE)
_ADDRESS = re.compile(
    r"[^\s@]*@[^\s@]*|(?=[^.]*[a-z])[^\s./]+(?:\.[^\s./]+)*\.[a-z]{2,}(?:[/:]\S*)?", re.IGNORECASE
)
_RUN = re.compile(
    rf"(?P<number>(?:{_NUMBER})?(?:\.[0-9]+)?)(?P<rest>\u00b0[cf]?|[^\W\d_]+|.)?",
    re.IGNORECASE | re.DOTALL,
)


def spell_numerals(words: Sequence[Word]) -> list[Word]:
    """The words of one channel; a numeral becomes words that share its time."""
    spelled: list[Word] = []
    unit = ""  # "dollars", kept back until the "million" of "$5 million" is past
    for index, word in enumerate(words):
        affixed = _drop_units_marks(split_affixes(word.text))
        if unit:
            texts, unit = [affixed.core, unit], ""
        else:
            following = split_affixes(words[index + 1].text).core if index + 1 < len(words) else ""
            amount = _MONEY.fullmatch(affixed.core)
            if amount and not affixed.trail and following.lower() in _MAGNITUDES.values():
                texts, unit = _read_amount(amount), _CURRENCIES[amount[2]].many
            else:
                preceding = words[index - 1].text if index > 0 else ""
                texts = spell_numeral(affixed.core, preceding=preceding, following=following)
        if texts == [affixed.core]:
            spelled.append(word)
            continue
        texts = [affixed.lead + texts[0], *texts[1:]]
        spelled += split_word(word, [*texts[:-1], texts[-1] + affixed.trail])
    return spelled


def _drop_units_marks(affixed: Affixed) -> Affixed:
    """Without the quote marks that are no quotes: those of "'80s" and of 5'10"."""
    lead, core, trail = affixed
    if lead.endswith(tuple(APOSTROPHES)) and _PLURAL.fullmatch(core):
        lead = lead[:-1]
    if trail.startswith(('"', "\u201d")) and _HEIGHT.fullmatch(core):
        trail = trail[1:]
    return Affixed(lead, core, trail)


def spell_numeral(text: str, *, preceding: str = "", following: str = "") -> list[str]:
    """The words in which a text without marks around it is said; the text itself if not a numeral.

    The neighbours settle "10:00" before "a.m.", "1/2" after "1" and "4" after "July".
    """
    if vulgar := _VULGAR_FRACTION.fullmatch(text):
        fraction = spell_numeral(_VULGAR[vulgar[2]])
        return [*_read_whole(vulgar[1]), "and", *fraction] if vulgar[1] else fraction
    if re.search("[0-9]", text) is None:
        return list(_SYMBOLS[text]) if text in _STANDALONE_SYMBOLS else [text]
    return _read_in_context(text, preceding, following) or _read_alone(text)


def _read_in_context(text: str, preceding: str, following: str) -> list[str] | None:
    """What only the neighbours tell how to say; None for the rest."""
    if clock := _CLOCK.fullmatch(text):
        return _read_clock(clock, following)
    if (fraction := _FRACTION.fullmatch(text)) and re.fullmatch("[0-9]+", preceding):
        return ["and", *_read_fraction(fraction)]
    if preceding in _MONTHS and _DAY.fullmatch(text):
        return spell_ordinal(int(text))
    return None


def _read_alone(text: str) -> list[str]:
    if _ADDRESS.fullmatch(text):
        return [text]
    for pattern, read in _READERS:
        if match := pattern.fullmatch(text):
            return read(match)
    return _read_mixed(text)


def _read_number(text: str) -> list[str]:
    """Digits, perhaps grouped by commas, perhaps with a decimal part."""
    whole, point, decimals = text.partition(".")
    return (_read_whole(whole) if whole else []) + (
        ["point", *spell_digits(decimals)] if point else []
    )


def _read_whole(text: str) -> list[str]:
    """A cardinal or a year; a string of digits, such as a card number or "007", digit by digit."""
    digits = text.replace(",", "")
    number = int(digits)
    is_listed = len(text) >= 7 and digits == text and number % 1000 != 0
    if (len(digits) > 1 and digits[0] == "0") or is_listed or number > MAX_CARDINAL:
        return spell_digits(digits)
    if len(text) == 4 and number in YEARS:
        return spell_year(number)
    return spell_cardinal(number)


def _read_cardinal(text: str) -> list[str]:
    """An amount: never read as a year."""
    number = int(text.replace(",", ""))
    return spell_cardinal(number) if number <= MAX_CARDINAL else spell_digits(str(number))


def _read_clock(match: re.Match[str], following: str) -> list[str]:
    hour, minutes, seconds, half_day = match.groups()
    before = spell_cardinal(int(hour))
    tail = [half_day.lower()] if half_day else []
    if minutes == "00" and seconds is None:
        if half_day or _HALF_DAY.fullmatch(following):
            return before + tail
        return [*before, "o'clock"] if 1 <= int(hour) <= 12 else [*before, "hundred"]
    parts = [minutes] if seconds is None else [minutes, seconds]
    return before + [word for part in parts for word in _read_two_digits(part)] + tail


def _read_two_digits(digits: str) -> list[str]:
    """Minutes: "oh five", "zero zero", "thirty"."""
    if digits == "00":
        return spell_digits(digits)
    return ["oh", *spell_digits(digits[1])] if digits[0] == "0" else spell_cardinal(int(digits))


def _read_ordinal(match: re.Match[str]) -> list[str]:
    number = int(match[1].replace(",", ""))
    return spell_ordinal(number) if number <= MAX_CARDINAL else _read_mixed(match[0])


def _read_plural(match: re.Match[str]) -> list[str]:
    """Decades and the like: "nineteen nineties", "eighties", "seven forty sevens"."""
    *before, last = _read_whole(match[1])
    if last.endswith("y"):
        return [*before, last[:-1] + "ies"]
    return [*before, last + ("es" if last == "six" else "s")]


def _read_amount(match: re.Match[str]) -> list[str]:
    """The number of an amount of money, without its unit."""
    sign, _, whole, decimals, magnitude = match.groups()
    words = ["minus"] if sign else []
    words += _read_cardinal(whole)
    if decimals is not None:
        words += ["point", *spell_digits(decimals)]
    return [*words, _MAGNITUDES[magnitude.lower()]] if magnitude else words


def _read_money(match: re.Match[str]) -> list[str]:
    sign, unit, whole, decimals, magnitude = match.groups()
    currency = _CURRENCIES[unit]
    n_whole = int(whole.replace(",", ""))
    if magnitude or (decimals is not None and len(decimals) != 2):
        return [*_read_amount(match), currency.many]
    n_cents = int(decimals or "0")
    words = ["minus"] if sign else []
    if n_whole or not n_cents:
        words += [*_read_cardinal(whole), currency.one if n_whole == 1 else currency.many]
    if n_whole and n_cents:
        words.append("and")
    if n_cents:
        cents = currency.one_cent if n_cents == 1 else currency.many_cents
        words += [*spell_cardinal(n_cents), cents]
    return words


def _read_fraction(match: re.Match[str]) -> list[str]:
    if match[0] in _PAIRS_WITHOUT_SLASH:
        return _read_whole(match[1]) + _read_whole(match[2])
    over, under = int(match[1]), int(match[2])
    if not 0 < over < under or under not in _DENOMINATORS or match[1][0] == "0":
        return [*_read_whole(match[1]), "slash", *_read_whole(match[2])]
    *before, last = {2: ["half"], 4: ["quarter"]}.get(under) or spell_ordinal(under)
    many = "halves" if under == 2 else last + "s"
    return [*spell_cardinal(over), *before, last if over == 1 else many]


def _read_height(match: re.Match[str]) -> list[str]:
    return [*_read_whole(match[1]), "foot", *_read_whole(match[2])]


def _read_phone(match: re.Match[str]) -> list[str]:
    plus = ["plus"] if match[0].startswith("+") else []
    return plus + spell_digits(re.sub("[^0-9]", "", match[0]))


def _read_dotted(match: re.Match[str]) -> list[str]:
    first, *others = match[0].split(".")
    words = _read_whole(first)
    for part in others:
        words += ["point", *_read_whole(part)]
    return words


def _read_range(match: re.Match[str]) -> list[str]:
    first, last = match[1], match[2]
    if first[0] in _CURRENCIES and last.isdecimal():
        first, last = first[1:], first[0] + last  # "$10-15": the sign is said after both
    return [*spell_numeral(first), "to", *spell_numeral(last)]


def _read_mixed(text: str) -> list[str]:
    """Numbers, letters and symbols one after the other: "COVID-19", "B2B", "-5", "35%"."""
    if text[0] in _MINUS:
        return ["minus", *spell_numeral(text[1:])]
    if len(parts := _DASH.split(text)) > 1:
        return [word for part in parts if part for word in spell_numeral(part)]
    words: list[str] = []
    for run in _RUN.finditer(text):
        if run["number"]:
            words += _read_number(run["number"])
        if run["rest"]:
            words += _read_rest(run["rest"])
    return words


def _read_rest(rest: str) -> list[str]:
    """Letters as they are, a symbol as it is said, one that we do not know as it is."""
    return list(_SYMBOLS.get(rest.lower(), (rest,)))


_Reader = Callable[[re.Match[str]], list[str]]
# The first whose pattern covers the whole text reads it.
_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_ORDINAL, _read_ordinal),
    (_PLURAL, _read_plural),
    (_MONEY, _read_money),
    (_FRACTION, _read_fraction),
    (_HEIGHT, _read_height),
    (_DOTTED_PHONE, _read_phone),
    (_DOTTED, _read_dotted),
    (_PHONE, _read_phone),
    (_RANGE, _read_range),
)
