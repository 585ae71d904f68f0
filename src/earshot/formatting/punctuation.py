"""Words without punctuation."""

import re
from collections.abc import Sequence
from dataclasses import replace

from earshot.formatting.affixes import split_affixes
from earshot.formatting.spans import split_word
from earshot.transcript.words import Word

# "U.S", "a.m": the full stops are not what separates its letters when it is said.
_DOTTED_LETTERS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]|[Pp]h\.[Dd]")
# Marks that glue two words; between digits they are part of the number or mean "to", and stay.
_GLUE_MARKS = r"(?:--+|\.\.+|[\u2013\u2014\u2026,;!?])"
_GLUE = re.compile(rf"(?<![0-9]){_GLUE_MARKS}|{_GLUE_MARKS}(?![0-9])")
_BRACKETS = re.compile(r"[\"\u201c\u201d\u00ab\u00bb()\[\]{}]")


def strip_punctuation(words: Sequence[Word]) -> list[Word]:
    """Words without marks around them; apostrophes, hyphens and decimal points inside stay.

    What was nothing but a mark is left out; words glued by a dash come apart.
    """
    bare: list[Word] = []
    for word in words:
        pieces = [_bare_text(piece) for piece in _GLUE.split(word.text)]
        spoken = [piece for piece in pieces if piece]
        if spoken == [word.text]:
            bare.append(word)
        elif len(spoken) == 1:
            bare.append(replace(word, text=spoken[0]))
        elif spoken:
            bare += split_word(word, spoken)
    return bare


def _bare_text(text: str) -> str:
    core = split_affixes(text).core
    if _DOTTED_LETTERS.fullmatch(core):
        return core.replace(".", "")
    return split_affixes(_BRACKETS.sub("", core)).core
