"""Words -> entities. Each finder says what may be one; of those that overlap the best is kept."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from earshot.transcript.punctuation import CLOSERS, OPENERS, PHRASE_MARKS, SENTENCE_MARKS
from earshot.transcript.words import Word, join_words, mean_confidence
from earshot.understanding.entities.amounts import find_amounts
from earshot.understanding.entities.candidates import Candidate, Finder
from earshot.understanding.entities.cards import find_cards
from earshot.understanding.entities.closed_classes import find_terms
from earshot.understanding.entities.codes import find_codes
from earshot.understanding.entities.dates import find_dates
from earshot.understanding.entities.internet import find_internet_names
from earshot.understanding.entities.national_ids import find_national_ids
from earshot.understanding.entities.passwords import find_passwords
from earshot.understanding.entities.phones import find_phones
from earshot.understanding.entities.reading import Reading, read_words

_FINDERS: tuple[Finder, ...] = (
    find_cards,
    find_national_ids,
    find_phones,
    find_codes,
    find_internet_names,
    find_passwords,
    find_dates,
    find_amounts,
    find_terms,
)
_AROUND = OPENERS + CLOSERS + "".join((*SENTENCE_MARKS, *PHRASE_MARKS))


@dataclass(frozen=True, slots=True)
class Entity:
    """Consecutive words, `first` to before `end` by index, that name something of a type.

    `text` is theirs without the marks around it, and no more of a word than belongs to it.
    """

    entity_type: str
    text: str
    start_ms: int
    end_ms: int
    confidence: float
    first: int
    end: int


def detect_entities(words: Sequence[Word]) -> tuple[Entity, ...]:
    """The entities of the words of one recording, by first appearance; they share no characters."""
    reading = read_words(words)
    found = [candidate for finder in _FINDERS for candidate in finder(reading)]
    return tuple(_entity_of(candidate, reading, words) for candidate in keep_best(found))


def suspect_entities(words: Sequence[Word], entity_types: Collection[str]) -> tuple[Entity, ...]:
    """Whatever may be of one of the types, the best founded first; several may share words.

    A date of birth is suspected of being a date, too.
    """
    reading = read_words(words)
    found = [
        candidate
        for finder in _FINDERS
        for candidate in finder(reading)
        if candidate.entity_type in entity_types
    ]
    return tuple(_entity_of(candidate, reading, words) for candidate in sorted(found, key=_rank))


def keep_best(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Of candidates that overlap the best founded, then the longest; in the order of the text."""
    taken: set[int] = set()
    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=_rank):
        positions = range(candidate.start, candidate.end)
        if taken.isdisjoint(positions):
            taken.update(positions)
            kept.append(candidate)
    return sorted(kept, key=lambda candidate: candidate.start)


def _rank(candidate: Candidate) -> tuple[int, int, int]:
    """Small for what is well founded, then for what is long, then for what comes early."""
    return -candidate.evidence, candidate.start - candidate.end, candidate.start


def _entity_of(candidate: Candidate, reading: Reading, words: Sequence[Word]) -> Entity:
    span = reading.words_of(candidate.start, candidate.end)
    chosen = words[span.first : span.end]
    return Entity(
        candidate.entity_type,
        _text_of(candidate, reading, chosen),
        chosen[0].start_ms,
        max(word.end_ms for word in chosen),
        mean_confidence(chosen),
        span.first,
        span.end,
    )


def _text_of(candidate: Candidate, reading: Reading, words: Sequence[Word]) -> str:
    """The words as they were written, or the part of them that the reading left as it was."""
    text = join_words(words)
    part = reading.text[candidate.start : candidate.end]
    return part if part in text else text.strip(_AROUND)
