"""Taking "um" and "uh" out, and mending the sentence around the gap."""

import re
from collections.abc import Sequence
from dataclasses import replace

from earshot.formatting.affixes import Affixed, split_affixes
from earshot.transcript.punctuation import (
    CLOSING_QUOTES,
    DASHES,
    OPENING_QUOTES,
    PHRASE_MARKS,
    SENTENCE_MARKS,
)
from earshot.transcript.words import Word

# "um, uh, hmm, mhm, uh-huh, ah, huh, hm, m", and the same drawn out ("ummm").
_FILLER = re.compile(
    rf"u+h*m+|u+h+|h+m+|m+[{re.escape(DASHES)}]?h+m+|u+h+[{re.escape(DASHES)}]?h+u+h+|a+h+|h+u+h+",
    re.IGNORECASE,
)
# The comma after these is theirs and stays when a filler behind it goes.
_INTRODUCTIONS = """
well so yes no yeah yep nope okay ok right now however also first second third finally actually
basically honestly oh hey hi hello thanks please sorry sure
"""
_KEEP_COMMA = frozenset(_INTRODUCTIONS.split())


def remove_fillers(words: Sequence[Word]) -> list[Word]:
    """The words of one channel without fillers; a sentence that began with one is capitalised."""
    kept: list[Word] = []
    opening = ""  # quotes and a capital that a removed filler leaves to the next word
    capital = False
    for index, word in enumerate(words):
        affixed = split_affixes(word.text)
        if _is_filler(affixed.core, words, index):
            begins = not kept or _ends_sentence(kept[-1].text)
            capital = capital or (begins and affixed.core[:1].isupper())
            opening += "".join(mark for mark in affixed.lead if mark in OPENING_QUOTES)
            if kept:
                kept[-1] = replace(kept[-1], text=_close_gap(kept[-1].text, affixed))
            if _ends_sentence(affixed.trail):
                opening, capital = "", False
            continue
        if opening or capital:
            word = replace(word, text=_open_after_gap(affixed, opening, capital=capital))
            opening, capital = "", False
        kept.append(word)
    return kept


def _is_filler(core: str, words: Sequence[Word], index: int) -> bool:
    if core.lower() == "m":
        return core == "m" and not _is_unit_or_letter(words, index)
    return _FILLER.fullmatch(core) is not None


def _is_unit_or_letter(words: Sequence[Word], index: int) -> bool:
    """True of the "m" of "5 m", and of one that is spelled among other letters."""
    around = [
        split_affixes(words[i].text).core for i in (index - 1, index + 1) if 0 <= i < len(words)
    ]
    is_spelled = any(len(core) == 1 and core.isalpha() and core not in "aIi" for core in around)
    follows_number = index > 0 and split_affixes(words[index - 1].text).core[-1:].isdigit()
    return is_spelled or follows_number


def _ends_sentence(trail: str) -> bool:
    return trail.rstrip(CLOSING_QUOTES).endswith(SENTENCE_MARKS)


def _close_gap(previous: str, filler: Affixed) -> str:
    """The text of the word before a filler, with the marks that the filler hands on to it."""
    closing = "".join(mark for mark in filler.trail if mark in CLOSING_QUOTES)
    marks = filler.trail.rstrip(CLOSING_QUOTES)
    if _ends_sentence(previous):
        return previous  # the filler was a sentence of its own
    if marks.endswith(SENTENCE_MARKS):
        return previous.rstrip("".join(PHRASE_MARKS) + DASHES) + marks + closing
    if marks.endswith(",") and previous.endswith(",") and not _keeps_comma(previous):
        return previous[:-1] + closing  # "I was, um, going": the commas stood around the filler
    return previous + closing


def _keeps_comma(previous: str) -> bool:
    core = split_affixes(previous).core
    return core.lower() in _KEEP_COMMA or core[-1:].isdigit()


def _open_after_gap(word: Affixed, opening: str, *, capital: bool) -> str:
    core = word.core
    if capital and core.islower():
        core = core[0].upper() + core[1:]
    return opening + word.lead + core + word.trail
