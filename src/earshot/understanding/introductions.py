"""Who says who they are: speakers and the names by which they introduce themselves, in English."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable

from earshot.transcript.sentences import Sentence

_NAME = r"(?:[A-Z][a-z]*(?:['\u2019-][A-Z]?[a-z]+)+|[A-Z][a-z]+)"
_FULL_NAME = rf"(?P<name>{_NAME}(?: {_NAME}){{0,2}})"
# What follows the name of somebody who says it, and hardly ever another word.
_BEHIND = r"(?=,? (?:speaking|calling|from|with|reporting)\b)"
# The words before the name in any case, the name as names are written.
_SURE = re.compile(rf"\b(?:[Mm]y name is|[Mm]y name['\u2019]s|[Ii] am called) {_FULL_NAME}")
_LIKELY = re.compile(rf"\b(?:[Tt]his is|I['\u2019]m|I am) {_FULL_NAME}{_BEHIND}")
# Only where the name is one of those that are waited for.
_POSSIBLE = re.compile(rf"\b(?:[Tt]his is|I['\u2019]m|I am) {_FULL_NAME}")
# "My name is Not important", "I'm Speaking": written so where every word begins with a capital.
_NO_NAMES_LISTED = """
    Not The A An And But So Very Just Really Calling Speaking Going Sorry Here Also Still From With
    Mister Mr Mrs Ms Doctor Dr What That This It He She We You I My Your American British Monday
    Tuesday Wednesday Thursday Friday Saturday Sunday January February March April June July August
    September October November December
"""
_NO_NAMES = frozenset(_NO_NAMES_LISTED.split())


def find_introductions(
    sentences: Iterable[tuple[str, Sentence]], known: Collection[str] = ()
) -> dict[str, str]:
    """Label of a speaker -> the name by which they introduce themselves, where it is sure.

    The sentences come with the labels of who says them. It is not sure where one speaker says
    several names, or several speakers say one. Where names are `known`, nobody has another; one
    of them may be said in part.
    """
    said: dict[str, set[str]] = defaultdict(set)
    for label, sentence in sentences:
        for pattern in (_SURE, _LIKELY, *([_POSSIBLE] if known else [])):
            for match in pattern.finditer(sentence.text):
                name = _told(match["name"], known)
                if name is not None:
                    said[label].add(name)
    sure = {label: next(iter(names)) for label, names in said.items() if len(names) == 1}
    claims = [name for names in said.values() for name in names]
    return {label: name for label, name in sure.items() if claims.count(name) == 1}


def match_name(name: str, known: Iterable[str]) -> str | None:
    """The one of the known names that is meant: the same in any case, or the only one with it."""
    key = name.casefold().split()
    keys = {one: one.casefold().split() for one in known}
    same = [one for one, parts in keys.items() if parts == key]
    if same:
        return same[0]
    holding = [one for one, parts in keys.items() if key and set(key) <= set(parts)]
    return holding[0] if len(holding) == 1 else None


def _told(name: str, known: Collection[str]) -> str | None:
    parts = name.split()
    while parts and parts[-1] in _NO_NAMES:
        parts.pop()
    if not parts or _NO_NAMES & set(parts):
        return None
    if not known:
        return " ".join(parts)
    # "This is Anna Next week": of the words behind the name some may belong to it no longer.
    prefixes = (" ".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((found for one in prefixes if (found := match_name(one, known))), None)
