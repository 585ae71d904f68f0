"""Words -> entities. Each finder says what may be one; of those that overlap the best is kept."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from earshot.transcript.punctuation import CLOSERS, OPENERS, PHRASE_MARKS, SENTENCE_MARKS
from earshot.transcript.words import Word, join_words, mean_confidence
from earshot.understanding.entities.amounts import find_amounts
from earshot.understanding.entities.candidates import Candidate, Finder
from earshot.understanding.entities.cards import find_cards
from earshot.understanding.entities.codes import find_codes
from earshot.understanding.entities.dates import find_dates
from earshot.understanding.entities.internet import find_internet_names
from earshot.understanding.entities.national_ids import find_national_ids
from earshot.understanding.entities.passwords import find_passwords
from earshot.understanding.entities.phones import find_phones
from earshot.understanding.entities.reading import Reading, read_words
from earshot.understanding.entities.terms import find_terms

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


def detect_entities(
    words: Sequence[Word], entity_types: Collection[str] | None = None
) -> tuple[Entity, ...]:
    """The entities of the words of one recording, by first appearance; they share no characters.

    Only those of `entity_types` are looked at, if given: what is of two types, as a date of birth
    is a date, is found under either.
    """
    reading = read_words(words)
    found = [
        candidate
        for finder in _FINDERS
        for candidate in finder(reading)
        if entity_types is None or candidate.entity_type in entity_types
    ]
    return tuple(_entity_of(candidate, reading, words) for candidate in keep_best(found))


def keep_best(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Of candidates that overlap the best founded, then the longest; in the order of the text."""
    ranked = sorted(candidates, key=lambda c: (-c.evidence, -(c.end - c.start), c.start))
    taken: dict[int, Candidate] = {}
    kept: list[Candidate] = []
    for candidate in ranked:
        if any(position in taken for position in range(candidate.start, candidate.end)):
            continue
        for position in range(candidate.start, candidate.end):
            taken[position] = candidate
        kept.append(candidate)
    return sorted(kept, key=lambda candidate: candidate.start)


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
