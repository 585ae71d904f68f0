"""Words -> entities. Each finder says what may be one; of those that overlap the best is kept."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from earshot.transcript.entity_types import NEEDING_A_TAGGER
from earshot.transcript.punctuation import CLOSERS, OPENERS, PHRASE_MARKS, SENTENCE_MARKS
from earshot.transcript.words import Word, join_words, mean_confidence
from earshot.understanding.entities.amounts import find_amounts, suspect_amounts
from earshot.understanding.entities.announced import suspect_announced, suspect_interrupted_cards
from earshot.understanding.entities.bare import suspect_bare
from earshot.understanding.entities.candidates import Candidate, Evidence, Finder, Tagger
from earshot.understanding.entities.cards import find_cards, suspect_cards
from earshot.understanding.entities.closed_classes import find_terms, suspect_terms
from earshot.understanding.entities.codes import find_codes, suspect_codes
from earshot.understanding.entities.dates import find_dates, suspect_dates
from earshot.understanding.entities.injuries import suspect_injuries
from earshot.understanding.entities.internet import find_internet_names, suspect_internet_names
from earshot.understanding.entities.national_ids import find_national_ids, suspect_national_ids
from earshot.understanding.entities.passwords import find_passwords, suspect_passwords
from earshot.understanding.entities.phones import find_phones, suspect_phones
from earshot.understanding.entities.reading import Reading, read_words
from earshot.understanding.entities.views import views_of

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
# What they find is enough to hide it, and too little to name it.
_SUSPECTING: tuple[Finder, ...] = (
    suspect_announced,
    suspect_interrupted_cards,
    suspect_cards,
    suspect_national_ids,
    suspect_phones,
    suspect_codes,
    suspect_internet_names,
    suspect_passwords,
    suspect_bare,
    suspect_dates,
    suspect_amounts,
    suspect_terms,
    suspect_injuries,
)
_AROUND = OPENERS + CLOSERS + "".join((*SENTENCE_MARKS, *PHRASE_MARKS))


@dataclass(frozen=True, slots=True)
class Entity:
    """Words of one view, by their indices, that name something of a type.

    `text` is theirs without the marks around it, and no more of a word than belongs to it;
    `compact` are the letters and digits that they were read as, in lower case.
    """

    entity_type: str
    text: str
    start_ms: int
    end_ms: int
    confidence: float
    indices: tuple[int, ...]
    compact: str
    evidence: Evidence

    @property
    def first(self) -> int:
        return self.indices[0]

    @property
    def end(self) -> int:
        """The index behind the last word; other words may stand between."""
        return self.indices[-1] + 1


def detect_entities(words: Sequence[Word], tagger: Tagger | None = None) -> tuple[Entity, ...]:
    """The entities of the words of one recording, by first appearance; they share no characters."""
    found: list[Entity] = []
    for view in views_of(words):
        viewed = [words[index] for index in view.indices]
        reading = read_words(viewed)
        candidates = [candidate for finder in _FINDERS for candidate in finder(reading)]
        if tagger is not None and view.is_one_voice:
            candidates += _tagged(tagger, viewed, reading, only_sure=True)
        chosen = [_entity_of(one, reading, words, view.indices) for one in keep_best(candidates)]
        found = _join_views(found, chosen)
    return tuple(sorted(found, key=lambda entity: (entity.indices, entity.start_ms)))


def suspect_entities(
    words: Sequence[Word], entity_types: Collection[str], tagger: Tagger | None = None
) -> tuple[Entity, ...]:
    """Whatever may be of one of the types, the best founded first; several may share words.

    A date of birth is suspected of being a date, too. A tagger reads only for what it alone finds.
    """
    is_tagged = not NEEDING_A_TAGGER.isdisjoint(entity_types)
    found: list[Entity] = []
    for view in views_of(words):
        viewed = [words[index] for index in view.indices]
        reading = read_words(viewed)
        candidates = [c for finder in (*_FINDERS, *_SUSPECTING) for c in finder(reading)]
        if tagger is not None and is_tagged and view.is_one_voice:
            candidates += _tagged(tagger, viewed, reading, only_sure=False)
        found += [
            _entity_of(candidate, reading, words, view.indices)
            for candidate in dict.fromkeys(candidates)
            if candidate.entity_type in entity_types
        ]
    return tuple(sorted(found, key=lambda one: (-one.evidence, -len(one.indices), one.first)))


def _tagged(
    tagger: Tagger, words: Sequence[Word], reading: Reading, *, only_sure: bool
) -> Iterator[Candidate]:
    """What a model takes for entities, as characters of the reading of the same words."""
    if not words:
        return
    characters: dict[int, list[int]] = {}
    for position, owner in enumerate(reading.owners):
        if reading.text[position] != " ":
            for index in range(owner.first, owner.end):
                characters.setdefault(index, []).append(position)
    for tagged in tagger.tag(words):
        positions = [p for i in range(tagged.first, tagged.end) for p in characters.get(i, ())]
        if positions and (tagged.is_sure or not only_sure):
            evidence = Evidence.TAGGED if tagged.is_sure else Evidence.DOUBT
            start, end = _without_marks(reading.text, min(positions), max(positions) + 1)
            yield Candidate(tagged.entity_type, start, end, evidence)


def _without_marks(text: str, start: int, end: int) -> tuple[int, int]:
    """The part without the marks around it; the last point of "D.C." belongs to it."""
    part = text[start:end]
    core = part.strip(_AROUND)
    if not core:
        return start, end
    start += part.index(core)
    is_initials = core[-2:-1] == "." and text[start + len(core) : end].startswith(".")
    return start, start + len(core) + is_initials


def _join_views(before: list[Entity], others: Sequence[Entity]) -> list[Entity]:
    """The entities of two views; of those that share words the better founded, then the longer."""
    by_word: dict[int, list[Entity]] = {}
    for entity in before:
        for index in entity.indices:
            by_word.setdefault(index, []).append(entity)
    kept = set(before)
    for other in others:
        rivals = {entity for index in other.indices for entity in by_word.get(index, ())} & kept
        strength = (other.evidence, len(other.indices))
        if all((rival.evidence, len(rival.indices)) < strength for rival in rivals):
            kept -= rivals
            kept.add(other)
    return list(kept)


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


def _entity_of(
    candidate: Candidate, reading: Reading, words: Sequence[Word], view: Sequence[int]
) -> Entity:
    span = reading.words_of(candidate.start, candidate.end)
    indices = tuple(view[span.first : span.end])
    chosen = [words[index] for index in indices]
    read = reading.text[candidate.start : candidate.end]
    return Entity(
        candidate.entity_type,
        _text_of(read, chosen),
        chosen[0].start_ms,
        max(word.end_ms for word in chosen),
        mean_confidence(chosen),
        indices,
        "".join(character for character in read.casefold() if character.isalnum()),
        candidate.evidence,
    )


def _text_of(part: str, words: Sequence[Word]) -> str:
    """The words as they were written, or the part of them that the reading left as it was."""
    text = join_words(words)
    return part if part in text else text.strip(_AROUND)
