"""Telephone and fax numbers, of any country, with and without the words that announce them."""

import re
from collections.abc import Iterator

import phonenumbers

from earshot.understanding.entities.candidates import Candidate, Evidence, compile_pattern
from earshot.understanding.entities.codes import UNIT_BEHIND
from earshot.understanding.entities.cues import PHONE, Cues, find_cues
from earshot.understanding.entities.national_ids import is_ssn_shaped
from earshot.understanding.entities.reading import Reading
from earshot.understanding.entities.runs import DigitRun, digit_runs, parts_of, ways_to_part

_REGION = "US"  # whose numbers need no plus
_LENGTHS = range(7, 16)  # ITU-T E.164: at most 15 digits
_LENGTHS_IN_GROUPS = range(8, 14)
_EXTENSION = re.compile(
    r",? (?:ext\.?|extension|x) ?[0-9](?:[ -]?[0-9]){0,5}(?![\w])", re.IGNORECASE
)
# Of a telephone whose number was said before, or is known.
_EXTENSION_ALONE = compile_pattern(
    r"""
    \bext(?:ension|\.)?(?:[ ](?:number|no\.?|is|was|there[ ]is)){0,2}[,:]?[ ]
    (?P<it>[0-9](?:[ -]?[0-9]){1,5})(?![\w%])
    """
)
_WRITTEN_GROUPS = re.compile(r"[0-9][-.()][0-9]")
_DATE = re.compile(
    r"(?:19|20)[0-9]{2}[-.][0-9]{1,2}[-.][0-9]{1,2}|[0-9]{1,2}[-.][0-9]{1,2}[-.][0-9]{2,4}"
)


def find_phones(reading: Reading) -> Iterator[Candidate]:
    cues = find_cues(reading)
    for run in digit_runs(reading):
        for parts in ways_to_part(run):
            found = [
                (part, evidence)
                for part in parts
                if (evidence := _evidence_for(part, cues)) is not None
            ]
            if found:
                yield from (_candidate_of(part, evidence, reading) for part, evidence in found)
                break


def suspect_phones(reading: Reading) -> Iterator[Candidate]:
    """Every stretch of a run that a telephone might have, but where the run is called otherwise.

    Extensions of telephones besides.
    """
    for match in _EXTENSION_ALONE.finditer(reading.text):
        if not UNIT_BEHIND.match(reading.text, match.end()):
            yield Candidate(PHONE, *match.span("it"), Evidence.DOUBT)
    cues = find_cues(reading)
    for run in digit_runs(reading):
        is_otherwise = cues.answers_other(PHONE, run.start, run.end)
        for digits, start, end in parts_of(run, _LENGTHS):
            text = reading.text[start:end]
            if is_otherwise and not _WRITTEN_GROUPS.search(text):
                continue
            if not _DATE.fullmatch(text) and _is_number(digits, is_strict=True):
                yield Candidate(PHONE, start, end, Evidence.DOUBT)


def _candidate_of(run: DigitRun, evidence: Evidence, reading: Reading) -> Candidate:
    extension = _EXTENSION.match(reading.text, run.end)
    return Candidate(PHONE, run.start, extension.end() if extension else run.end, evidence)


def _evidence_for(run: DigitRun, cues: Cues) -> Evidence | None:
    if len(run.digits) not in _LENGTHS or _DATE.fullmatch(run.text) or is_ssn_shaped(run):
        return None
    announced = cues.type_of(run.start, run.end)
    if announced == PHONE:
        return Evidence.CUE
    if run.text.startswith("+"):
        return Evidence.FORM if _is_number(run.text, is_strict=False) else None
    return _evidence_of_form(run) if announced is None else None


def _evidence_of_form(run: DigitRun) -> Evidence | None:
    """What the grouping and the digits say of a number that nothing announces."""
    sizes = [len(group.digits) for group in run.groups]
    is_valid = _is_number(run.digits, is_strict=True)
    if len(sizes) > 2 and max(sizes) > 1 and len(run.digits) in _LENGTHS_IN_GROUPS:
        if is_valid:
            return Evidence.FORM
        return Evidence.SHAPE if _WRITTEN_GROUPS.search(run.text) else None
    return Evidence.SHAPE if is_valid else None


def _is_number(text: str, *, is_strict: bool) -> bool:
    """Whether a number has a length that its country uses; if strict, also a prefix of it."""
    try:
        number = phonenumbers.parse(text, _REGION)
    except phonenumbers.NumberParseException:
        return False
    if is_strict:
        return phonenumbers.is_valid_number(number)
    return phonenumbers.is_possible_number(number)
