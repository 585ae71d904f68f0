"""Numbers by which a state knows a person: social security and what stands for it elsewhere."""

from collections.abc import Iterator

from earshot.understanding.entities.candidates import (
    Candidate,
    Evidence,
    compile_pattern,
    find_pattern,
)
from earshot.understanding.entities.cues import SSN, find_cues
from earshot.understanding.entities.reading import Reading
from earshot.understanding.entities.runs import DigitRun, digit_runs, parts_of

_SIZES = [3, 2, 4]
_LENGTH = sum(_SIZES)
_LAST = 4  # "the last four of my social"
# Great Britain's national insurance number; letters that are never issued are left out.
_NINO = compile_pattern(
    r"(?<![\w-])[abceghj-prstw-z][abceghj-nprstw-z](?:[ -]?[0-9]){6}[ -]?[a-d](?![\w-])"
)


def find_national_ids(reading: Reading) -> Iterator[Candidate]:
    cues = find_cues(reading)
    for run in digit_runs(reading):
        if is_ssn_shaped(run):
            yield Candidate(SSN, run.start, run.end, Evidence.CHECKSUM)
        elif cues.type_of(run.start, run.end) == SSN:
            yield from _find_announced(run)
    yield from find_pattern(reading, _NINO, SSN, Evidence.CUE)


def _find_announced(run: DigitRun) -> Iterator[Candidate]:
    if len(run.digits) in (_LAST, *range(_LENGTH - 1, _LENGTH + 3)):
        # A digit too few or too many was misheard; other countries use up to eleven.
        yield Candidate(SSN, run.start, run.end, Evidence.CUE)
    else:
        for _, start, end in parts_of(run, range(_LENGTH, _LENGTH + 1)):
            yield Candidate(SSN, start, end, Evidence.CUE)


def is_ssn_shaped(run: DigitRun) -> bool:
    """Whether digits are said or written in the groups of a social security number: 3-2-4."""
    area, group, serial = run.digits[:3], run.digits[3:5], run.digits[5:]
    if len(run.digits) != _LENGTH or area in ("000", "666") or group == "00" or serial == "0000":
        return False
    if [len(part.digits) for part in run.groups] == _SIZES:
        return True
    # "123-4 5-6 7 8 9": the marks fall where the groups end.
    return len(run.groups) > len(_SIZES) and _pieces(run) == _SIZES


def _pieces(run: DigitRun) -> list[int]:
    """How many digits stand between the hyphens or commas of a run."""
    text = run.text.replace(",", "-")
    return [sum(character.isdigit() for character in piece) for piece in text.split("-")]
