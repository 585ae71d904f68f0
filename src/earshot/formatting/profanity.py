"""Swear words, masked but for their first letter."""

import re
from collections.abc import Sequence
from dataclasses import replace

from earshot.formatting.affixes import split_affixes
from earshot.transcript.punctuation import APOSTROPHES
from earshot.transcript.words import Word

# Whole words with their forms. Left out on purpose: mild oaths (damn, hell, crap), names of groups
# and of body parts as such (gay, queer, penis), and words that are usually innocent (kill, cock).
_STEMS = (
    r"[a-z]*fuck[a-z]*",  # no innocent word holds it
    r"(?:bull|horse|dip|bat|chicken|dog|ape|jack)?shit(?:s|ty|tier|tiest|ted|ter|ters|ting|tin|head"
    r"|heads|hole|holes|show|shows|face|faces|bag|bags|load|loads|storm|storms|post|posts|posting"
    r"|stain|less|tily|housery|house|faced)?",
    r"bitch(?:es|ed|ing|in|y|ass)?",
    r"(?:dumb|jack|smart|bad|fat|hard|lard|candy|kick|lame|punk|wise)?ass(?:es)?",
    r"(?:ass|arse)(?:hole|holes|hat|hats|wipe|wipes|clown|clowns)",
    r"arses?",
    r"(?:goddamn|goddam)(?:ed|it|mit)?|goddammit",
    r"bastards?",
    r"cunt(?:s|y|ing)?",  # codespell:ignore cunt
    r"(?:dick|cock|knob|bell)(?:head|heads|sucker|suckers|sucking|wad|wads|bag|bags)",
    r"douche(?:bag|bags|s)?",
    r"piss(?:ed|es|ing|er|ers|y)?",
    r"pricks?",
    r"puss(?:y|ies)",
    r"twats?",
    r"wank(?:s|er|ers|ed|ing|y)?",
    r"bollocks",
    r"tosser(?:s)?",
    r"slut(?:s|ty|tier|tiest)?",
    r"whor(?:e|es|ing|ish)",
    r"skank(?:s|y)?",
    r"tit(?:ties|ty)",
    r"jizz(?:ed|ing)?",
    r"cum(?:shot|shots|ming)",
    r"blowjobs?|handjobs?|rimjobs?",
    r"nigg(?:a|as|az|er|ers)",
    r"fag(?:s|got|gots|gy)",
    r"kikes?",
    r"spics?",
    r"wetbacks?",
    r"chinks?",
    r"gooks?",
    r"trann(?:y|ies)",
    r"beaners?|ragheads?|towelheads?|jigaboos?",
    r"retard(?:s|ed)",
)
_PROFANE = re.compile("|".join(f"(?:{stem})" for stem in _STEMS), re.IGNORECASE)
_POSSESSIVE = re.compile(rf"(?:[{APOSTROPHES}](?:s|d|ll|re|ve))?$", re.IGNORECASE)
_HYPHEN = re.compile(r"([-\u2010\u2011])")
# "dick" and "cock" are names and animals unless somebody has one or is called one.
_AFTER_OWNER = frozenset({"dick", "dicks", "cock", "cocks"})
_OWNERS = frozenset({"my", "your", "his", "her", "their", "suck", "sucking", "sucks", "sucked"})
# "Pussy cat", "chink in the armor": what follows makes the word innocent.
_INNOCENT_BEFORE = {
    "pussy": frozenset({"cat", "cats", "willow", "willows"}),
    "chink": frozenset({"in", "of"}),
    "chinks": frozenset({"in", "of"}),
    "prick": frozenset({"the", "your", "my", "up", "of"}),
    "pricks": frozenset({"the", "your", "my", "up", "of"}),
    "retarded": frozenset({"growth", "by"}),
}


def mask_profanity(words: Sequence[Word]) -> list[Word]:
    """The words of one channel; of a profane one the first letter stays, the rest is asterisks."""
    cores = [split_affixes(word.text).core.lower() for word in words]
    masked: list[Word] = []
    for index, word in enumerate(words):
        affixed = split_affixes(word.text)
        core = _mask_core(
            affixed.core,
            before=cores[index - 1] if index > 0 else "",
            after=cores[index + 1] if index + 1 < len(cores) else "",
        )
        text = affixed.lead + core + affixed.trail
        masked.append(word if text == word.text else replace(word, text=text))
    return masked


def _mask_core(core: str, *, before: str, after: str) -> str:
    possessive = _POSSESSIVE.search(core)
    suffix = possessive.group() if possessive else ""
    stem = core[: len(core) - len(suffix)]
    lowered = stem.lower()
    if after in _INNOCENT_BEFORE.get(lowered, frozenset()):
        return core
    if lowered in _AFTER_OWNER and before in _OWNERS:
        return _mask(stem) + suffix
    parts = [_mask(part) if _PROFANE.fullmatch(part) else part for part in _HYPHEN.split(stem)]
    return "".join(parts) + suffix


def _mask(text: str) -> str:
    return text[:1] + "*" * (len(text) - 1)
