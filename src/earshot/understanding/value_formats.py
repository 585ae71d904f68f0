"""Dates, telephone numbers and mail addresses, written by a pattern of the API, where that is sure.

What a pattern needs and nobody said, such as a year, is not made up: there is no form then.
"""

import re
from datetime import date
from itertools import accumulate
from typing import Final

MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_MONTH = rf"(?P<month>{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in MONTHS)}|sept)\.?"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
# "19 61" is how a year that was spoken is read.
_YEAR = r"(?P<year>(?:1[5-9]|2[01]) ?[0-9]{2}|2000)"
_MONTH_FIRST = re.compile(rf"{_MONTH} (?:the )?{_DAY},? (?:of )?{_YEAR}", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"{_DAY}(?: day)? (?:of )?{_MONTH},? (?:of )?{_YEAR}", re.IGNORECASE)
_YEAR_FIRST = re.compile(
    r"(?P<year>[0-9]{4})[-./](?P<month>[0-9]{1,2})[-./](?P<day>[0-9]{1,2})(?![0-9])"
)
_FIGURES = re.compile(
    r"(?P<one>[0-9]{1,2})[-./](?P<two>[0-9]{1,2})[-./](?P<year>[0-9]{4})(?![0-9])"
)
_MONTH_BEFORE_DAY = frozenset({"en_us"})
# "Global English" writes both.
_EITHER_WAY = frozenset({"en"})

_DATE_FIELD = re.compile("dd|mm|yyyy", re.IGNORECASE)
_DATE_PATTERN = re.compile(
    "(?:dd|mm|yyyy)[^0-9A-Za-z]{1,3}(?:dd|mm|yyyy)[^0-9A-Za-z]{1,3}(?:dd|mm|yyyy)", re.IGNORECASE
)
_EXTENSION = re.compile(r",? (?:ext\.?|extension|x) ?[0-9].*", re.IGNORECASE)
_PHONE_PATTERN = re.compile(r"[x+(). -]{10,24}", re.IGNORECASE)
NATIONAL_DIGITS: Final = 10  # of the North American plan, which all patterns of the API are for
COUNTRY_CODE: Final = "1"
_NATIONAL = re.compile("[2-9][0-9]{9}")  # no area code begins with 0 or 1
_GROUP_ENDS = frozenset({3, 6})  # "212 555 0143"; in other countries groups end elsewhere
USER_NAME: Final = "username@domain.com"
FULL_NAME: Final = "firstname.lastname@domain.com"
EMAIL_PATTERNS: Final = (USER_NAME, FULL_NAME)


def is_date_pattern(pattern: str) -> bool:
    """Whether it has dd, mm and yyyy, once each, with marks between them."""
    fields = sorted(field.lower() for field in _DATE_FIELD.findall(pattern))
    return fields == ["dd", "mm", "yyyy"] and _DATE_PATTERN.fullmatch(pattern) is not None


def is_phone_pattern(pattern: str) -> bool:
    """Whether an x stands for each digit of a number: ten, or eleven with the country's."""
    n_digits = pattern.lower().count("x")
    return (
        _PHONE_PATTERN.fullmatch(pattern) is not None
        and n_digits in (NATIONAL_DIGITS, NATIONAL_DIGITS + 1)
        and "+" not in pattern[1:]
    )


def format_date(text: str, pattern: str, language_code: str) -> str | None:
    """The day that the text names, by the pattern; None unless it names one, with its year."""
    day = read_date(text, language_code)
    if day is None:
        return None
    fields = {"dd": f"{day.day:02}", "mm": f"{day.month:02}", "yyyy": f"{day.year:04}"}
    return _DATE_FIELD.sub(lambda match: fields[match.group().lower()], pattern)


def read_date(text: str, language_code: str) -> date | None:
    """The one day that the text can name; None where it names none, or may name two."""
    if match := (_MONTH_FIRST.search(text) or _DAY_FIRST.search(text)):
        month = _month_of(match["month"])
        return _day(match["year"].replace(" ", ""), month, match["day"])
    if match := _YEAR_FIRST.search(text):
        return _day(match["year"], match["month"], match["day"])
    match = _FIGURES.search(text)
    if match is None:
        return None
    month_first = _day(match["year"], match["one"], match["two"])
    day_first = _day(match["year"], match["two"], match["one"])
    if month_first is None or day_first is None or month_first == day_first:
        return month_first or day_first
    if language_code in _EITHER_WAY:
        return None
    return month_first if language_code in _MONTH_BEFORE_DAY else day_first


def format_phone(text: str, pattern: str) -> str | None:
    """The number by the pattern, its extension as it is; None for one of another plan."""
    extension = _EXTENSION.search(text)
    if extension is not None:
        number = format_phone(text[: extension.start()], pattern)
        return None if number is None else number + extension.group()
    digits = _national_digits(text)
    if digits is None:
        return None
    wanted = pattern.lower().count("x")
    rest = iter(digits if wanted == NATIONAL_DIGITS else COUNTRY_CODE + digits)
    return "".join(next(rest) if mark in "xX" else mark for mark in pattern)


def _national_digits(text: str) -> str | None:
    """The ten digits of a North American number; None of another one, as far as that shows."""
    groups = re.findall("[0-9]+", text)
    if len("".join(groups)) == NATIONAL_DIGITS + 1 and groups[0].startswith(COUNTRY_CODE):
        groups[0] = groups[0].removeprefix(COUNTRY_CODE)
    elif text.lstrip().startswith("+"):
        return None
    digits = "".join(groups)
    cuts = {*accumulate(len(group) for group in groups)} - {0, NATIONAL_DIGITS}
    is_grouped_so = cuts <= _GROUP_ENDS or cuts >= _GROUP_ENDS
    return digits if _NATIONAL.fullmatch(digits) and is_grouped_so else None


def format_email(text: str, pattern: str) -> str | None:
    """The address as it is written; None where the words before the @ could be written so or so.

    "jane doe at example dot com" is jane.doe@ by the pattern of first and last name alone.
    """
    user, at, host = text.strip(" .,;:!?").partition("@")
    names = user.split()
    if not at or not names or " " in host:
        return None
    if len(names) == 1:
        return f"{names[0]}@{host}"
    if pattern.lower() != FULL_NAME or len(names) != 2:
        return None
    return f"{names[0]}.{names[1]}@{host}".lower()


def _month_of(name: str) -> str:
    key = name.lower()[:3]
    return str(next(n for n, month in enumerate(MONTHS, start=1) if month.startswith(key)))


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
