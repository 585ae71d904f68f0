"""Payment cards: the number, the code on the back, the date it expires."""

import re
from collections.abc import Iterator

from earshot.understanding.entities.candidates import Candidate, Evidence, compile_pattern
from earshot.understanding.entities.checksums import passes_luhn
from earshot.understanding.entities.cues import CARD, CVV, EXPIRATION, Cues, find_cues
from earshot.understanding.entities.reading import Reading
from earshot.understanding.entities.runs import DigitRun, digit_runs, parts_of, ways_to_part

CARD_LENGTHS = range(12, 20)
_CVV_LENGTHS = range(3, 5)
# Issuers' first digits and their numbers' lengths (ISO/IEC 7812 as Visa, Mastercard, American
# Express, Discover, Diners Club, JCB, UnionPay and Maestro use it).
_ISSUED = re.compile(
    r"""
    4[0-9]{12}(?:[0-9]{3}){0,2} | 5[1-5][0-9]{14} | 2(?:2[2-9]|[3-6][0-9]|7[01])[0-9]{13}
    | 3[47][0-9]{13} | 3(?:0[0-5]|09|[689][0-9])[0-9]{11,16} | 35(?:2[89]|[3-8][0-9])[0-9]{12,15}
    | (?:2131|1800)[0-9]{11} | (?:6011|64[4-9][0-9]|65[0-9]{2}|62[0-9]{2})[0-9]{12,15}
    | (?:5[06-9]|6[0-9])[0-9]{11,17}
    """,
    re.VERBOSE,
)
_MONTHS_LISTED = """
    jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?
    |oct(?:ober)?|nov(?:ember)?|dec(?:ember)?
    """
_EXPIRY = compile_pattern(
    rf"""
    (?<![\w.$]) (?:
        (?:0[ ]?[1-9]|1[ ]?[0-2]|[1-9]) [ ]?(?:/|-|[ ]|,[ ]|of[ ]) [ ]?
            (?:(?:19|20)[ ]?[0-9][ ]?[0-9]|[2-4][ ]?[0-9])
        | (?:0[1-9]|1[0-2])(?:[2-4][0-9])
        | (?:{_MONTHS_LISTED})[ ,]{{1,2}}(?:of[ ])?(?:(?:19|20)[ ]?[0-9][ ]?[0-9]|[2-4][ ]?[0-9])
    ) (?![\w%]|[/.,][0-9])
    """
)


def find_cards(reading: Reading) -> Iterator[Candidate]:
    cues = find_cues(reading)
    for run in digit_runs(reading):
        yield from _find_numbers(run, cues)
        yield from _find_codes(run, cues)
    for match in _EXPIRY.finditer(reading.text):
        if cues.type_of(*match.span()) == EXPIRATION:
            yield Candidate(EXPIRATION, *match.span(), Evidence.CHECKSUM)


def suspect_cards(reading: Reading) -> Iterator[Candidate]:
    """Dates that may be those of a card, though another announcement came nearer."""
    cues = find_cues(reading)
    for match in _EXPIRY.finditer(reading.text):
        if cues.announces(EXPIRATION, *match.span()):
            yield Candidate(EXPIRATION, *match.span(), Evidence.DOUBT)


def is_card_number(digits: str) -> bool:
    """Whether an issuer has numbers that begin so and are so long, and the sum is right."""
    return _ISSUED.fullmatch(digits) is not None and passes_luhn(digits)


def _find_numbers(run: DigitRun, cues: Cues) -> Iterator[Candidate]:
    found = _find_issued(run)
    is_announced = cues.announces(CARD, run.start, run.end)
    # A digit that was misheard spoils the sum, and makes the others no less secret; of so many
    # digits, some stretch has the right sum by chance.
    if (
        is_announced
        and len(run.digits) in CARD_LENGTHS
        and not (found and found[0].start == run.start)
    ):
        yield Candidate(CARD, run.start, run.end, Evidence.CUE)
    else:
        yield from found


def _find_issued(run: DigitRun) -> list[Candidate]:
    """Numbers of known issuers, the longest first; they share no digits."""
    for parts in ways_to_part(run):
        if all(is_card_number(part.digits) for part in parts):
            return [Candidate(CARD, part.start, part.end, Evidence.CHECKSUM) for part in parts]
    found: list[Candidate] = []
    for digits, start, end in parts_of(run, CARD_LENGTHS):
        is_free = all(end <= one.start or one.end <= start for one in found)
        if is_free and is_card_number(digits):
            found.append(Candidate(CARD, start, end, Evidence.CHECKSUM))
    return sorted(found, key=lambda one: one.start)


def _find_codes(run: DigitRun, cues: Cues) -> Iterator[Candidate]:
    """The code on the back, where it was asked for; it may have been said twice."""
    if not cues.asks_for(CVV, run.start, run.end):
        return
    for parts in ways_to_part(run):
        if all(len(part.digits) in _CVV_LENGTHS for part in parts):
            yield from (Candidate(CVV, part.start, part.end, Evidence.CUE) for part in parts)
            return
