"""Whatever was dictated behind an announcement, however it was interrupted: enough to hide it.

"My card number is four one one one, go ahead, one one one one, got it": where nobody knows who
said what, the words between are just words, and no part of the number has a form of its own.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from earshot.understanding.entities.candidates import Candidate, Evidence
from earshot.understanding.entities.cards import CARD_LENGTHS, is_card_number
from earshot.understanding.entities.codes import UNIT_BEHIND
from earshot.understanding.entities.cues import (
    ACCOUNT,
    BANK,
    BIRTH,
    CARD,
    CVV,
    EXPIRATION,
    HEALTH,
    LICENCE,
    PASSPORT,
    PASSWORD,
    PHONE,
    SEQUENCE,
    SSN,
    USER,
    VEHICLE,
    Cue,
    find_cues,
)
from earshot.understanding.entities.reading import Reading
from earshot.understanding.entities.runs import DigitRun, Group, parts_of

_MAX_REACH = 200  # characters between an announcement and the first digit: small talk, a search
_MAX_WORDS = 8  # that are no part of a number that is not complete
_MAX_WORDS_BEHIND = 3  # behind one that is: "sorry, it ends in"
_MAX_PARTS = 120  # of all that one cue announces; bounds the work on a recognizer that loops
_MAX_CAPITALS = 5  # letters of "NWBK" between digits
_MIN_SPELLED = 2  # letters
# Said of the digits around them, or instead of one.
_OF_A_CODE = frozenset(
    {"double", "triple", "treble", "oh", "dash", "hyphen", "dot", "colon", "plus"}
)
_MAX_WORDS_ASIDE = 4  # between two parts of a card's number that nothing announces
# Fewest letters and digits that are worth hiding, and how many make a number complete.
_SIZES: Mapping[str, tuple[int, int]] = {
    CARD: (4, 16),
    CVV: (2, 3),
    EXPIRATION: (2, 4),
    SSN: (3, 9),
    PHONE: (5, 10),
    PASSWORD: (2, 6),
    USER: (2, 4),
    BIRTH: (2, 8),
    BANK: (4, 22),
    ACCOUNT: (4, 10),
    LICENCE: (4, 9),
    HEALTH: (4, 10),
    PASSPORT: (4, 9),
    VEHICLE: (3, 17),
    SEQUENCE: (3, 10),
}
# What one announcement may also mean.
_KINDRED: Mapping[str, tuple[str, ...]] = {
    ACCOUNT: (BANK, HEALTH),
    BANK: (ACCOUNT,),
    HEALTH: (ACCOUNT,),
}
_TOKEN = re.compile(r"\S+")
_MARKS = ".,;:?!'\"()[]{}\u2026\u201c\u201d\u2018\u2019"
_NO_CODE = re.compile(
    r"[$\u20ac\u00a3\u00a5].*|.*[%@].*|.*://.*|www\..*|[0-9]{1,2}:[0-9]{2}", re.IGNORECASE
)
_ORDINAL = re.compile(r"[0-9]+(?:st|nd|rd|th)", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_BEFORE_YEAR = re.compile(
    r"\b(?:in|since|of|until|till|by|before|after|from|year) $", re.IGNORECASE
)
_CALENDAR = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*",
    re.IGNORECASE,
)
_OF_MINE = re.compile(
    r",? (?:(?:is|was|that's|that is|those are|are) (?:my|the|his|her|our|their|your) )"
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A token of a code, and how many words that are none stand before it."""

    start: int
    end: int
    size: int  # letters and digits
    n_words_before: int


def suspect_announced(reading: Reading) -> Iterator[Candidate]:
    """What stands behind each cue, up to where too much else is said."""
    cues = find_cues(reading).cues
    codes = list(_parts_of(reading, with_dates=False))
    dated = list(_parts_of(reading, with_dates=True))
    for index, cue in enumerate(cues):
        if cue.entity_type not in _SIZES:
            continue
        parts = dated if cue.entity_type in (BIRTH, EXPIRATION) else codes
        found = _behind(cue, cues[index + 1 :][:_MAX_WORDS], parts)
        yield from _hide(cue.entity_type, found)
        yield from _hide(cue.entity_type, _before(cue, reading, parts))


def suspect_interrupted_cards(reading: Reading) -> Iterator[Candidate]:
    """Numbers of known issuers with a right sum, a few words between their digits."""
    groups: list[Group] = []
    for part in [*_parts_of(reading, with_dates=False), None]:
        if part is None or part.n_words_before > _MAX_WORDS_ASIDE:
            yield from _cards_among(groups)
            groups = []
        if part is not None:
            digits = "".join(filter(str.isdigit, reading.text[part.start : part.end]))
            groups += [Group(digits, part.start, part.end)] if digits else []


def _cards_among(groups: Sequence[Group]) -> Iterator[Candidate]:
    if not groups:
        return
    stretch = DigitRun("", groups[0].start, groups[-1].end, tuple(groups))
    for digits, start, end in parts_of(stretch, CARD_LENGTHS):
        if is_card_number(digits):
            first = bisect_left(groups, start, key=lambda group: group.start)
            last = bisect_left(groups, end, key=lambda group: group.start)
            for group in groups[first:last]:
                yield Candidate(CARD, group.start, group.end, Evidence.DOUBT)


def _hide(entity_type: str, parts: Sequence[_Part]) -> Iterator[Candidate]:
    """A candidate for each stretch of parts without a word between, if they are enough."""
    while parts and not parts[-1].size and parts[-1].n_words_before:
        parts = parts[:-1]
    if sum(part.size for part in parts) < _SIZES[entity_type][0]:
        return
    for kind in (entity_type, *_KINDRED.get(entity_type, ())):
        start = parts[0].start
        for part, following in pairwise([*parts, None]):
            if part is not None and (following is None or following.n_words_before):
                yield Candidate(kind, start, part.end, Evidence.DOUBT)
                start = following.start if following else start


def _behind(cue: Cue, others: Sequence[Cue], parts: Sequence[_Part]) -> list[_Part]:
    """The parts of what a cue announces."""
    first = bisect_left(parts, cue.end, key=lambda part: part.start)
    if first == len(parts) or parts[first].start - cue.end > _MAX_REACH:
        return []
    # "Your phone number and date of birth?" may be answered in either order.
    is_listed = any(cue.end <= other.start < parts[first].start for other in others)
    found = [parts[first]]
    size = found[0].size
    for part in parts[first + 1 : first + _MAX_PARTS]:
        is_complete = size >= _SIZES[cue.entity_type][1]
        limit = _MAX_WORDS_BEHIND if is_complete and not is_listed else _MAX_WORDS
        is_other = any(
            found[-1].end <= other.start < part.start and other.entity_type != cue.entity_type
            for other in others
        )
        if part.n_words_before > limit or (is_other and not is_listed):
            if size or part.start - cue.end > _MAX_REACH:
                break
            found = []  # it was an "oh" without a number
        found.append(part)
        size += part.size
    return found


def _before(cue: Cue, reading: Reading, parts: Sequence[_Part]) -> list[_Part]:
    """The parts that a cue explains afterwards: "4242 is my pin"."""
    end = bisect_left(parts, cue.start, key=lambda part: part.start)
    if end == 0 or parts[end - 1].end > cue.start:
        return []
    between = _OF_MINE.match(reading.text, parts[end - 1].end)
    if between is None or between.end() != cue.start:
        return []
    first = end - 1
    while first > 0 and end - first < _MAX_PARTS and not parts[first].n_words_before:
        first -= 1
    return list(parts[first:end])


def _parts_of(reading: Reading, *, with_dates: bool) -> Iterator[_Part]:
    n_words = _MAX_REACH  # before the first part
    for match in _TOKEN.finditer(reading.text):
        core = match[0].strip(_MARKS)
        start = match.start() + match[0].find(core)
        end = start + len(core)
        if core.lower() in _OF_A_CODE:
            yield _Part(start, end, 0, n_words)
            n_words = 0
        elif _is_code(core, start, end, reading, was_code=not n_words, with_dates=with_dates):
            size = sum(character.isalnum() for character in core)
            yield _Part(start, end, size, n_words)
            n_words = 0
        else:
            n_words += 1


def _is_code(
    core: str, start: int, end: int, reading: Reading, *, was_code: bool, with_dates: bool
) -> bool:
    """Whether a token may be part of a number; beside one that is, whatever has a digit is."""
    if not any(character.isdigit() for character in core):
        return _is_lettered_code(core, start, end, reading, was_code=was_code) or (
            with_dates and _CALENDAR.fullmatch(core) is not None
        )
    if _NO_CODE.fullmatch(core):
        return False
    if with_dates or was_code:
        return True
    if any(character.isalpha() for character in core):
        return _ORDINAL.fullmatch(core) is None
    if UNIT_BEHIND.match(reading.text, end):
        return False
    before = reading.text[max(0, start - 8) : start]
    return not (_YEAR.fullmatch(core) and _BEFORE_YEAR.search(before))


def _is_lettered_code(core: str, start: int, end: int, reading: Reading, *, was_code: bool) -> bool:
    """Letters that were spelled, or capitals beside digits: "PA 4568332", "NWBK"."""
    if not core.isalpha():
        return False
    following = reading.text[end : end + 2]
    is_beside = was_code or (following[:1] == " " and following[1:].isdigit())
    if len(core) == 1 and (is_beside or core not in "aAI"):
        return True
    words = reading.words_of(start, end)
    if len(core) >= _MIN_SPELLED and words.end - words.first >= len(core):
        return True
    return is_beside and core.isupper() and len(core) <= _MAX_CAPITALS
