"""Writing words the way the customer spells them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from earshot.formatting.affixes import split_affixes
from earshot.transcript.options import SpellingRule
from earshot.transcript.punctuation import APOSTROPHES, DASHES
from earshot.transcript.words import Word, mean_confidence

_JOINTS = re.compile(rf"[\s{re.escape(DASHES)}]+")
_POSSESSIVE = re.compile(rf"[{APOSTROPHES}]s$", re.IGNORECASE)

_Sources = dict[tuple[str, ...], str]  # folded words -> target


def apply_spelling(words: Sequence[Word], rules: Sequence[SpellingRule]) -> list[Word]:
    """The words of one channel with every source replaced; several words become one, times merged.

    The longest source wins, then the first rule. Marks around what was heard, and a possessive
    's, stay. A replacement is not looked at again.
    """
    sources = _fold_rules(rules)
    lengths = sorted({len(source) for source in sources}, reverse=True)
    spelled: list[Word] = []
    index = 0
    while index < len(words):
        for n_words in lengths:
            if index + n_words > len(words):
                continue
            replaced = _respell(words[index : index + n_words], sources)
            if replaced is not None:
                spelled.append(replaced)
                index += n_words
                break
        else:
            spelled.append(words[index])
            index += 1
    return spelled


def heard_sources(words: Sequence[Word], rules: Sequence[SpellingRule]) -> frozenset[int]:
    """Indices of the words that `apply_spelling` would replace."""
    sources = _fold_rules(rules)
    return frozenset(
        index
        for n_words in {len(source) for source in sources}
        for start in range(len(words) - n_words + 1)
        if _respell(words[start : start + n_words], sources) is not None
        for index in range(start, start + n_words)
    )


def _fold_rules(rules: Sequence[SpellingRule]) -> _Sources:
    sources: _Sources = {}
    for rule in rules:
        for source in rule.sources:
            folded = tuple(_fold(split_affixes(part).core or part) for part in source.split())
            if folded:
                sources.setdefault(folded, rule.target)
                # Recognizers join with a hyphen what people say in two words.
                sources.setdefault(("-".join(folded),), rule.target)
    return sources


def _fold(text: str) -> str:
    return _JOINTS.sub("-", text.casefold().replace(APOSTROPHES[1], APOSTROPHES[0]))


def _respell(heard: Sequence[Word], sources: _Sources) -> Word | None:
    """One word in place of those heard, or None where no rule speaks of them."""
    parts = [split_affixes(word.text) for word in heard]
    # A mark or another voice in the middle: the words only happen to be neighbours.
    if any(part.trail for part in parts[:-1]) or any(part.lead for part in parts[1:]):
        return None
    if any(word.speaker != heard[0].speaker for word in heard):
        return None
    cores = [_fold(part.core) for part in parts]
    # A source such as "c++." or "..." is made of marks only, and is compared as it stands.
    target = sources.get(tuple(cores)) or sources.get(tuple(_fold(word.text) for word in heard))
    suffix = ""
    if target is None:
        possessive = _POSSESSIVE.search(parts[-1].core)
        if possessive is None:
            return None
        suffix = possessive.group()
        target = sources.get((*cores[:-1], cores[-1][: -len(suffix)]))
    if target is None:
        return None
    return replace(
        heard[0],
        text=parts[0].lead + target + suffix + parts[-1].trail,
        end_ms=heard[-1].end_ms,
        confidence=mean_confidence(heard),
    )
