"""A word's text apart from the marks around it."""

from typing import NamedTuple

from earshot.transcript.punctuation import (
    APOSTROPHES,
    CLOSERS,
    DASHES,
    OPENERS,
    PHRASE_MARKS,
    SENTENCE_MARKS,
)

_LEADING = OPENERS + DASHES + "\u2026."
_TRAILING = CLOSERS + DASHES + "".join((*SENTENCE_MARKS, *PHRASE_MARKS))
# Words that begin with an apostrophe for what is swallowed.
_ELISIONS = frozenset({"em", "cause", "til", "tis", "twas", "bout", "n", "round"})
_SIGNS = "-\u2212+"
_CURRENCY_SIGNS = "$\u20ac\u00a3\u00a5"  # dollar, euro, pound, yen


class Affixed(NamedTuple):
    """Quotes and brackets before, the word itself, and the marks that follow it."""

    lead: str
    core: str
    trail: str

    @property
    def text(self) -> str:
        return self.lead + self.core + self.trail


def split_affixes(text: str) -> Affixed:
    """Take the marks off; the sign or point of a number and the apostrophe of "'em" stay with it.

    A text of nothing but marks has an empty core and all of it in `lead`.
    """
    stripped = text.rstrip(_TRAILING)
    trail = text[len(stripped) :]
    core = stripped.lstrip(_LEADING)
    lead = stripped[: len(stripped) - len(core)]
    while lead and _belongs_to_core(lead[-1], core):
        core, lead = lead[-1] + core, lead[:-1]
    return Affixed(lead, core, trail) if core else Affixed(text, "", "")


def _belongs_to_core(mark: str, core: str) -> bool:
    first = core[:1]
    if mark in APOSTROPHES:
        return core.lower() in _ELISIONS
    if mark == ".":
        return first.isdigit()
    return mark in _SIGNS and (first.isdigit() or first in ("." + _CURRENCY_SIGNS))
