"""Recognized words as the readers of numbers see them: lower-case parts, with the marks between."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from earshot.formatting.affixes import Affixed, split_affixes
from earshot.formatting.written_forms.number_words import is_number_word
from earshot.transcript.tracks import silence_before_ms
from earshot.transcript.words import Word

COMMA = ","
STOP = "|"  # any other mark, another speaker, a long silence, or the end: no value goes across
MAX_PAUSE_MS = 1500  # people pause between the groups of a phone number, and no longer

_HYPHEN = re.compile("[-\u2010\u2011]")
_DOTTED_LETTERS = re.compile(r"[^\W\d_](?:\.[^\W\d_])+")


@dataclass(frozen=True, slots=True)
class Part:
    """A word, one half of "twenty-one", or the mark between words (whose `word` is None)."""

    text: str  # in lower case
    original: str
    word: int | None


class Texts(Protocol):
    """Parts by index, in lower case; STOP beyond either end."""

    def __getitem__(self, index: int) -> str: ...


class Spoken:
    """The parts of one channel's words. Beyond either end there are only STOPs."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = words
        self.affixed = [split_affixes(word.text) for word in words]
        self.parts: list[Part] = []
        for index, affixed in enumerate(self.affixed):
            if index > 0:
                mark = _mark_between(words, self.affixed, index)
                self.parts += [Part(mark, mark, None)] if mark else []
            self.parts += _parts_of(affixed.core, index)

    def __len__(self) -> int:
        return len(self.parts)

    def __getitem__(self, index: int) -> str:
        return self.parts[index].text if 0 <= index < len(self.parts) else STOP

    def original(self, index: int) -> str:
        """As recognized, in its own case, without marks."""
        return self.parts[index].original

    def follows(self, index: int, *phrase: str) -> bool:
        """Whether these parts are spoken from `index` on."""
        return all(self[index + i] == text for i, text in enumerate(phrase))

    def is_spelled_upper(self, index: int) -> bool:
        return self.original(index).isupper()

    def is_first_of_word(self, index: int) -> bool:
        return index == 0 or self.parts[index - 1].word != self.parts[index].word

    def is_last_of_word(self, index: int) -> bool:
        return index + 1 == len(self.parts) or self.parts[index + 1].word != self.parts[index].word


def _parts_of(core: str, index: int) -> Iterable[Part]:
    pieces = _HYPHEN.split(core)
    if len(pieces) == 1 or not all(is_number_word(piece.lower()) for piece in pieces):
        pieces = [core]
    for piece in pieces:
        text = piece.lower()
        yield Part(text.replace(".", "") if _DOTTED_LETTERS.fullmatch(text) else text, piece, index)


def _mark_between(words: Sequence[Word], affixed: Sequence[Affixed], index: int) -> str:
    before, after = affixed[index - 1], affixed[index]
    if words[index].speaker != words[index - 1].speaker or after.lead:
        return STOP
    if silence_before_ms(words, index) > MAX_PAUSE_MS:
        return STOP
    trail = before.trail
    if trail.startswith(".") and _DOTTED_LETTERS.fullmatch(before.core):
        trail = trail[1:]  # the full stop of "p.m." ends no sentence for certain
    return COMMA if trail == "," else STOP if trail else ""


def is_mark(text: str) -> bool:
    return text in (COMMA, STOP)
