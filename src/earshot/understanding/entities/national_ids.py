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
from earshot.understanding.entities.runs import (
    DigitRun,
    digit_runs,
    part_of,
    parts_of,
    ways_to_part,
)

_SIZES = [3, 2, 4]
_LENGTH = sum(_SIZES)
_LAST = 4  # "the last four of my social"
_ANNOUNCED_LENGTHS = (_LAST, *range(_LENGTH - 1, _LENGTH + 3))
# Great Britain's national insurance number; letters that are never issued are left out.
_NINO = compile_pattern(
    r"(?<![\w-])[abceghj-prstw-z][abceghj-nprstw-z](?:[ -]?[0-9]){6}[ -]?[a-d](?![\w-])"
)


def find_national_ids(reading: Reading) -> Iterator[Candidate]:
    cues = find_cues(reading)
    for run in digit_runs(reading):
        for parts in ways_to_part(run):
            found = [part for part in parts if is_ssn_shaped(part)]
            if found:
                yield from (Candidate(SSN, one.start, one.end, Evidence.CHECKSUM) for one in found)
                break
        else:
            if cues.type_of(run.start, run.end) == SSN:
                yield from _find_announced(run)
    yield from find_pattern(reading, _NINO, SSN, Evidence.CUE)


def suspect_national_ids(reading: Reading) -> Iterator[Candidate]:
    """Any nine digits in the groups of one, whatever stands beside them; nine that stand alone."""
    cues = find_cues(reading)
    for run in digit_runs(reading):
        is_alone = len(run.digits) == _LENGTH and cues.type_of(run.start, run.end) is None
        for _, start, end in parts_of(run, range(_LENGTH, _LENGTH + 1)):
            if is_alone or is_ssn_shaped(part_of(run, start, end)):
                yield Candidate(SSN, start, end, Evidence.DOUBT)


def _find_announced(run: DigitRun) -> Iterator[Candidate]:
    for parts in ways_to_part(run):
        # A digit too few or too many was misheard; other countries use up to eleven.
        if all(len(part.digits) in _ANNOUNCED_LENGTHS for part in parts):
            yield from (Candidate(SSN, one.start, one.end, Evidence.CUE) for one in parts)
            return
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
