"""The caller's own words and phrases, wherever and however they are said."""

from collections.abc import Iterator, Mapping, Sequence

from earshot.transcript.options import OwnTerms
from earshot.transcript.words import Word
from earshot.understanding.entities.reading import FILLERS, read_words
from earshot.understanding.entities.views import views_of
from earshot.understanding.redaction.compact import (
    CompactText,
    compact,
    compact_reading,
    compact_words,
)

_MIN_READ = 3  # characters of a term with a digit that is also looked for as it may be said


def find_own_terms(words: Sequence[Word], own_terms: Sequence[OwnTerms]) -> Mapping[int, str]:
    """The label of each word of a term, by index: whatever its case, accents, hyphens and joints.

    Neither fillers nor another voice in between hide a term, and a number is one, said or written.
    """
    if not own_terms:
        return {}
    written, read = _texts_of(words)
    labels: dict[int, str] = {}
    for own in own_terms:
        for index in _places_of(own.terms, written, read):
            labels[index] = own.label
    return labels


def _texts_of(words: Sequence[Word]) -> tuple[list[CompactText], list[CompactText]]:
    written: list[CompactText] = []
    read: list[CompactText] = []
    for view in views_of(words):
        unfilled = [i for i in view.indices if compact(words[i].text) not in FILLERS]
        written.append(compact_words(words, view.indices))
        if len(unfilled) < len(view.indices):
            written.append(compact_words(words, unfilled))
        reading = read_words([words[index] for index in view.indices])
        read.append(compact_reading(reading, view.indices))
    return written, read


def _places_of(
    terms: Sequence[str], written: Sequence[CompactText], read: Sequence[CompactText]
) -> Iterator[int]:
    as_written = {compact(term) for term in terms}
    for text in written:
        yield from text.find_all(as_written)
    as_read = {one for one in map(_read, terms) if len(one) >= _MIN_READ and _has_digit(one)}
    for text in read if as_read else ():
        yield from text.find_all(as_read)


def _read(term: str) -> str:
    """The letters and digits of the line that it is read as."""
    spoken = tuple(Word(part, 0, 0, 1.0) for part in term.split())
    return compact_reading(read_words(spoken), range(len(spoken))).text


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)
