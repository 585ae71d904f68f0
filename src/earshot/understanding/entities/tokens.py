"""Words taken apart for reading: the marks around them off, numbers with hyphens in their parts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from earshot.transcript.punctuation import CLOSERS, OPENERS, PHRASE_MARKS, SENTENCE_MARKS
from earshot.transcript.words import Word
from earshot.understanding.entities.spoken_numbers import is_number_word, is_ordinal

_TIMES = ("double", "triple")
_SCHEME = re.compile("(https?://)(double|triple)", re.IGNORECASE)
_HOST_BEHIND = re.compile(r"([uw])(\..+)", re.IGNORECASE)
_TRAILING = CLOSERS + "".join((*SENTENCE_MARKS, *PHRASE_MARKS))


class WordRange(NamedTuple):
    """Words from `first` to before `end`, by index."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or a part of one: `key` is its lower-case text without the marks around it."""

    lead: str
    key: str
    trail: str
    text: str
    span: WordRange
    glues_left: bool = False  # it is the rest of a written word


def split_tokens(words: Sequence[Word]) -> list[Token]:
    tokens: list[Token] = []
    for index, word in enumerate(words):
        tokens += _split_double_u(word.text, index, tokens) or _split(word.text, index)
    return tokens


def _split_double_u(text: str, index: int, before: Sequence[Token]) -> list[Token]:
    """The parts of "https://double" and of the "u.example.com" after it: formatters write those."""
    span = WordRange(index, index + 1)
    if head := _SCHEME.fullmatch(text):
        return [
            Token("", head[1].lower(), "", head[1], span),
            Token("", head[2].lower(), "", head[2], span, glues_left=True),
        ]
    if before and before[-1].key in _TIMES and (tail := _HOST_BEHIND.fullmatch(text)):
        return [
            Token("", tail[1].lower(), "", tail[1], span),
            Token("", tail[2].lower(), "", tail[2], span, glues_left=True),
        ]
    return []


def _split(text: str, index: int) -> Iterator[Token]:
    span = WordRange(index, index + 1)
    for part in text.split() or [""]:
        unended = part.rstrip(_TRAILING)
        core = unended.lstrip(OPENERS)
        lead = unended[: len(unended) - len(core)]
        trail = part[len(unended) :]
        pieces = core.lower().split("-")
        if len(pieces) > 1 and (all(map(_is_said_number, pieces)) or is_ordinal(pieces)):
            for n, piece in enumerate(pieces, start=1):
                shown = piece + (trail if n == len(pieces) else "")
                yield Token("", piece, trail if n == len(pieces) else "", shown, span)
        else:
            yield Token(lead, core.lower(), trail, part, span)


def _is_said_number(text: str) -> bool:
    return is_number_word(text) or text in ("hundred", "double", "triple", "oh", "u")
