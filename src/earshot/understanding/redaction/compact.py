"""Text without blanks, marks and case, in which "blue-sky", "Blue Sky" and "BlueSky" are the same.

Every character remembers its words, and where a part of a word begins and ends: "an" is not found
in "plan".
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from earshot.transcript.punctuation import APOSTROPHES, DASHES
from earshot.transcript.words import Word
from earshot.understanding.entities.reading import Reading

_PARTS = re.compile(rf"[^\s/_.{re.escape(DASHES)}]+")
_POSSESSIVE = re.compile(rf"[{APOSTROPHES}]s$", re.IGNORECASE)
_ACCENTS = re.compile("[\u0300-\u036f]")
_MEANING_MARKS = "#@&%"  # that tell "C#" from "C"
_READ_PARTS = re.compile(r"[^\W_]+")
_DIGITS = re.compile("[0-9]+")
_MARK = b"\x01"
_MARKED = re.compile(_MARK + b"+")


@dataclass(frozen=True, slots=True)
class CompactText:
    """Letters and digits, of each the indices of its words; where parts begin and end."""

    text: str
    owners: tuple[tuple[int, ...], ...]
    begins: frozenset[int]
    ends: frozenset[int]

    def find(self, wanted: str) -> Iterator[tuple[int, ...]]:
        """The indices of the words of each place where whole parts make up what is wanted."""
        for start, end in self._spans(wanted):
            yield tuple(sorted({i for owner in self.owners[start:end] for i in owner}))

    def find_all(self, wanted: Iterable[str]) -> Iterator[int]:
        """The indices of the words of all places where whole parts make up one of these.

        Places are marked before they are looked at: of a recording that says one word for hours, a
        thousand places may overlap in each.
        """
        marks = bytearray()
        for one in wanted:
            for start, end in self._spans(one):
                marks = marks or bytearray(len(self.text))  # most terms are nowhere
                marks[start:end] = _MARK * (end - start)
        for run in _MARKED.finditer(marks):
            for owner in self.owners[run.start() : run.end()]:
                yield from owner

    def _spans(self, wanted: str) -> Iterator[tuple[int, int]]:
        start = self.text.find(wanted) if wanted else -1
        while start >= 0:
            end = start + len(wanted)
            if start in self.begins and end in self.ends:
                yield start, end
            start = self.text.find(wanted, start + 1)


def compact(text: str) -> str:
    """The letters and digits of a text, its accents left out: recognizers know few of them."""
    folded = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    return "".join(character for character in folded if _has_meaning(character))


def compact_words(words: Sequence[Word], indices: Iterable[int]) -> CompactText:
    """The words at the indices; the ending of a genitive is a part of its own."""
    return _join(
        (compact(part), (index,))
        for index in indices
        for written in _PARTS.findall(words[index].text)
        for part in _without_genitive(written)
    )


def compact_reading(reading: Reading, indices: Sequence[int]) -> CompactText:
    """A line that words were read as; `indices` are theirs."""
    return _of_matches(_READ_PARTS, reading, indices)


def digits_of(reading: Reading, indices: Sequence[int]) -> CompactText:
    """The digits of a line alone, whatever is said between them."""
    return _of_matches(_DIGITS, reading, indices)


def _of_matches(pattern: re.Pattern[str], reading: Reading, indices: Sequence[int]) -> CompactText:
    parts: list[tuple[str, tuple[int, ...]]] = []
    for match in pattern.finditer(reading.text):
        owner = reading.words_of(*match.span())
        parts.append((match[0].casefold(), tuple(indices[owner.first : owner.end])))
    return _join(parts)


def _join(parts: Iterable[tuple[str, tuple[int, ...]]]) -> CompactText:
    texts: list[str] = []
    owners: list[tuple[int, ...]] = []
    begins: set[int] = set()
    ends: set[int] = set()
    for text, owner in parts:
        begins.add(len(owners))
        texts.append(text)
        owners += [owner] * len(text)
        ends.add(len(owners))
    return CompactText("".join(texts), tuple(owners), frozenset(begins), frozenset(ends))


def _without_genitive(part: str) -> tuple[str, ...]:
    stem = part.rstrip(".,;:?!)\"'\u2019\u201d")
    ending = _POSSESSIVE.search(stem)
    return (part,) if ending is None else (stem[: ending.start()], "s")


def _has_meaning(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNMS" or character in _MEANING_MARKS
