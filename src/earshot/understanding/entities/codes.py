"""Numbers that only their form or the words around them explain: accounts, licences, plates."""

import re
from collections.abc import Callable, Iterator, Mapping

from earshot.understanding.entities.candidates import (
    Candidate,
    Evidence,
    compile_pattern,
    find_pattern,
)
from earshot.understanding.entities.checksums import (
    has_length_of_iban,
    iban_length,
    is_iban,
    is_routing_number,
    is_vin,
)
from earshot.understanding.entities.cues import (
    ACCOUNT,
    BANK,
    HEALTH,
    LICENCE,
    PASSPORT,
    SEQUENCE,
    VEHICLE,
    Cues,
    find_cues,
)
from earshot.understanding.entities.reading import Reading
from earshot.understanding.entities.runs import digit_runs

# At least one digit; parts with a blank between them begin with a digit or are all capitals.
_CODE = re.compile(
    r"(?<![\w@.,$\u20ac\u00a3/:+-])(?:[A-Z]{1,3} (?=[0-9]))?(?=[A-Za-z-]*[0-9])[A-Za-z0-9]+"
    r"(?:[-./][A-Za-z0-9]+)*"
    r"(?:(?:, | )(?=[A-Za-z]{0,2}[0-9])[A-Za-z0-9]+(?:[-.][A-Za-z0-9]+)*)*"
    r"(?:[ -][A-Z]{1,3}(?![\w']))?(?![\w@%:]|/[0-9])"
)
# What makes an amount of the number before it.
UNIT_BEHIND = re.compile(
    r"(?:[ -](?:dollars?|cents?|euros?|pounds?|bucks|percent|per cent|people|times|years?|months?"
    r"|weeks?|days?|hours?|minutes?|seconds?|miles?|am|pm|a\.m|p\.m|o'clock|kilometers|points?|st"
    r"|street|avenue|road|million|billion|thousand)\b)|%",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}|[0-9]+(?:st|nd|rd|th|s)", re.IGNORECASE
)
_DECIMAL = re.compile(r"[0-9]+\.[0-9]+")
# Fewest and most characters, and fewest digits, of what each cue announces.
_SIZES: Mapping[str, tuple[int, int, int]] = {
    ACCOUNT: (4, 24, 3),
    BANK: (6, 20, 6),
    LICENCE: (5, 18, 4),
    HEALTH: (5, 20, 4),
    PASSPORT: (6, 14, 4),
    VEHICLE: (4, 17, 1),
    SEQUENCE: (3, 30, 2),
}
_COUNTING = "".join(map(str, range(1, 31)))  # "one two three four ...", out of breath
_MIN_DICTATED = 4  # digits that stand alone, of those
_MIN_SEQUENCE = 6  # digits that are a secret though nothing says of what
_IBAN = compile_pattern(r"(?<![a-z0-9])[a-z]{2}[ ]?[0-9][ ]?[0-9](?=[ -]?[a-z0-9])")
_IBAN_INSIDE = compile_pattern(r"(?=([a-z]{2})[ ]?[0-9][ ]?[0-9])")
_VIN = compile_pattern(r"(?<![\w-])(?=\w*[0-9])[a-hj-npr-z0-9]{17}(?![\w-])")
_ROUTING = compile_pattern(r"(?<![\w-])[0-9](?:[ -]?[0-9]){8}(?![\w-])")
_SWIFT = compile_pattern(
    r"\b(?:swift|bic)(?:[ ]code)?(?:[ ]is|:)?[ ](?P<it>[a-z]{6}[a-z0-9]{2}(?:[a-z0-9]{3})?)(?![\w])"
)


def find_codes(reading: Reading) -> Iterator[Candidate]:
    cues = find_cues(reading)
    for match in _CODE.finditer(reading.text):
        is_date = _DATE.fullmatch(match[0]) and cues.type_of(*match.span()) != BANK  # sort codes
        if not is_date and not UNIT_BEHIND.match(reading.text, match.end()):
            yield from _find_announced(match, cues)
    yield from _find_dictated(reading)
    yield from _find_ibans(reading, Evidence.CHECKSUM, _is_iban)
    yield from find_pattern(reading, _VIN, VEHICLE, Evidence.CHECKSUM, _is_vin)
    yield from find_pattern(reading, _SWIFT, BANK, Evidence.CUE)
    for match in _ROUTING.finditer(reading.text):
        is_bank = cues.type_of(*match.span()) == BANK
        if is_bank and is_routing_number(_compact(match[0])):
            yield Candidate(BANK, *match.span(), Evidence.CHECKSUM)


def suspect_codes(reading: Reading) -> Iterator[Candidate]:
    """Codes with a wrong sum, digits said one by one, and long numbers that are no amounts."""
    yield from _find_ibans(reading, Evidence.DOUBT, has_length_of_iban)
    yield from _find_ibans_inside(reading)
    yield from find_pattern(reading, _VIN, VEHICLE, Evidence.DOUBT)
    for match in _ROUTING.finditer(reading.text):
        if is_routing_number(_compact(match[0])):
            yield Candidate(BANK, *match.span(), Evidence.DOUBT)
    for run in digit_runs(reading):
        n_single = sum(len(group.digits) == 1 for group in run.groups)
        is_long = len(run.digits) >= _MIN_SEQUENCE or n_single >= _MIN_DICTATED
        if is_long and not UNIT_BEHIND.match(reading.text, run.end):
            yield Candidate(SEQUENCE, run.start, run.end, Evidence.DOUBT)


def _find_announced(match: re.Match[str], cues: Cues) -> Iterator[Candidate]:
    compact = _compact(match[0])
    n_digits = sum(character.isdigit() for character in compact)
    announced = cues.type_of(*match.span())
    if announced is not None and announced in _SIZES:
        shortest, longest, fewest_digits = _SIZES[announced]
        if shortest <= len(compact) <= longest and n_digits >= fewest_digits:
            yield Candidate(announced, *match.span(), Evidence.CUE)
            if announced == ACCOUNT and compact.isdecimal():
                # Whoever hides bank accounts means this one too; the list of entities has one type.
                yield Candidate(BANK, *match.span(), Evidence.SHAPE)
    is_round = compact.endswith("000") or _DECIMAL.fullmatch(match[0]) is not None
    is_counting = len(compact) > 2 and _COUNTING.startswith(compact)
    if n_digits >= _MIN_SEQUENCE and not is_round and not is_counting:
        yield Candidate(SEQUENCE, *match.span(), Evidence.TERM)


def _find_dictated(reading: Reading) -> Iterator[Candidate]:
    """Digits said one by one, though a recogniser heard sentences end between them."""
    for run in digit_runs(reading):
        n_single = sum(len(group.digits) == 1 for group in run.groups)
        is_long = len(run.digits) >= _MIN_SEQUENCE and n_single >= _MIN_DICTATED
        if is_long and not _COUNTING.startswith(run.digits):
            yield Candidate(SEQUENCE, run.start, run.end, Evidence.TERM)


def _find_ibans(
    reading: Reading, evidence: Evidence, check: Callable[[str], bool]
) -> Iterator[Candidate]:
    """By length of the country: the words behind an IBAN look like parts of it."""
    text = reading.text
    for match in _IBAN.finditer(text):
        compact, end = "", match.start()
        while end < len(text) and (text[end].isalnum() or text[end] in " -") and len(compact) < 34:
            compact += text[end].upper() if text[end].isalnum() else ""
            end += 1
            if (end == len(text) or not text[end].isalnum()) and check(compact):
                yield Candidate(BANK, match.start(), end, evidence)
                break


def _find_ibans_inside(reading: Reading) -> Iterator[Candidate]:
    """With other digits or letters right before or behind: "4 2 g b 2 9 ..." was said as one."""
    text = reading.text
    for match in _IBAN_INSIDE.finditer(text):
        start, length = match.start(1), iban_length(match[1].upper())
        places = [i for i in range(start, min(len(text), start + 3 * length)) if text[i].isalnum()]
        chosen = places[:length]
        if length and _is_iban("".join(text[i] for i in chosen).upper()):
            yield Candidate(BANK, start, chosen[-1] + 1, Evidence.DOUBT)


def _is_iban(compact: str) -> bool:
    """As heard, or with the letter O where a zero was understood in the name of the bank."""
    return is_iban(compact) or is_iban(compact[:4] + compact[4:8].replace("0", "O") + compact[8:])


def _is_vin(text: str) -> bool:
    return is_vin(_compact(text))


def _compact(text: str) -> str:
    return "".join(character for character in text.upper() if character.isalnum())
