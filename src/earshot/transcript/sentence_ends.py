"""Where a sentence ends: full stops that end one, and those of abbreviations that do not."""

import re
from collections.abc import Sequence

from earshot.transcript.punctuation import (
    CLOSERS,
    DASHES,
    ELLIPSES,
    OPENERS,
    QUESTION_MARKS,
)
from earshot.transcript.tracks import silence_before_ms
from earshot.transcript.words import Word

# A pause that settles what a doubtful full stop means; pauses inside a sentence are mostly shorter.
SENTENCE_PAUSE_MS = 700

# Always followed by what they belong to.
_LEADING = """
mr mrs ms messrs mx dr prof rev gen sen rep gov capt cpt cmdr lt col maj sgt cpl pvt hon e.g
i.e vs cf viz approx
"""
# Abbreviations only in front of a number: "No. 5" against "No. I will not."
_NUMBERED = "no nos fig figs vol ch sec p pp art para eq"
# May stand inside a sentence or close it: what follows decides.
_TRAILING = """
etc inc ltd co corp llc bros jr sr esq dept univ ave blvd rd st mt ft fr al ph.d jan feb apr aug
sept oct nov
"""
# Words that begin sentences and seldom names: after "U.S." they tell "The" from "Government".
_STARTERS = """
the a an this that these those it its i i'm i've i'll he she we you they there here my our your his
her their and but so or nor yet for if when while after before because since then what why how who
where which is are was were do does did has have had can could will would should may might let
let's no yes yeah okay ok well now not one some many most all both each every in on at by with from
to as of however also although even just only still it's that's he's she's we're they're there's
you're
"""
_LEADING_ABBREVIATIONS = frozenset(_LEADING.split())
_NUMBERED_ABBREVIATIONS = frozenset(_NUMBERED.split())
_TRAILING_ABBREVIATIONS = frozenset(_TRAILING.split())
_SENTENCE_STARTERS = frozenset(_STARTERS.split())
_DOTTED_LETTERS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")  # "U.S", "p", "Ph.D" is in the lists


def is_cased(words: Sequence[Word]) -> bool:
    """True where capitals carry meaning: some word has one."""
    return any(word.text != word.text.lower() for word in words)


def ends_sentence(words: Sequence[Word], index: int, *, cased: bool) -> bool:
    """True if a sentence ends with the word at `index`; `words` are of one channel."""
    if index + 1 == len(words):
        return True
    text = words[index].text.rstrip(CLOSERS)
    has_closer = text != words[index].text
    following = words[index + 1].text.lstrip(OPENERS + DASHES + ELLIPSES[0])
    paused = silence_before_ms(words, index + 1) >= SENTENCE_PAUSE_MS
    if text.endswith(ELLIPSES):
        return following[:1].isupper() if cased else paused
    if text.endswith(QUESTION_MARKS):
        # "Really?" he asked.
        return not (cased and has_closer and following[:1].islower())
    if not text.endswith("."):
        return False
    if cased and has_closer and following[:1].islower():
        return False
    return _full_stop_ends(text.lstrip(OPENERS)[:-1], following, cased=cased, paused=paused)


def _full_stop_ends(stem: str, following: str, *, cased: bool, paused: bool) -> bool:
    """Whether the full stop after `stem` ends a sentence that `following` does not belong to."""
    lowered = stem.lower()
    if lowered in _LEADING_ABBREVIATIONS:
        return False
    if lowered in _NUMBERED_ABBREVIATIONS:
        return not following[:1].isdigit()
    is_doubtful = lowered in _TRAILING_ABBREVIATIONS or (
        _DOTTED_LETTERS.fullmatch(stem) is not None and stem != "I"
    )
    if not is_doubtful:
        return True
    if not cased:
        return paused
    starts_like_one = following.lower().rstrip(CLOSERS + ".,;:?!") in _SENTENCE_STARTERS
    return following[:1].isupper() and (starts_like_one or paused)
