"""What stands for a hidden word, and how a reader of words knows it: written in one place."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from earshot.transcript.options import RedactionSubstitution
from earshot.transcript.punctuation import CLOSERS, OPENERS, PHRASE_MARKS, SENTENCE_MARKS
from earshot.transcript.words import Word

_TRAILING = CLOSERS + "".join((*SENTENCE_MARKS, *PHRASE_MARKS))
_SUBSTITUTE = re.compile(r"#+|\[+[^\sa-z\[\]]+\]+")


def hide_word(word: Word, label: str, substitution: RedactionSubstitution) -> Word:
    """The word with a substitute for its text; the marks around it stay."""
    lead, core, trail = _split(word.text)
    return replace(word, text=lead + _SUBSTITUTES[substitution](core, label) + trail)


def is_hidden(text: str) -> bool:
    """Whether the text of a word, its marks included, is a substitute for what was said."""
    unended = text.rstrip(_TRAILING.replace("]", ""))
    return _SUBSTITUTE.fullmatch(unended.lstrip(OPENERS.replace("[", ""))) is not None


def _split(text: str) -> tuple[str, str, str]:
    """The marks before a word, the word, the marks after it; all marks are a word of their own."""
    unended = text.rstrip(_TRAILING)
    core = unended.lstrip(OPENERS)
    if not core:
        return "", text, ""
    return unended[: len(unended) - len(core)], core, text[len(unended) :]


def _hash(core: str, _label: str) -> str:
    return "#" * len(core)


def _name(_core: str, label: str) -> str:
    return f"[{label.upper()}]"


_SUBSTITUTES: Mapping[RedactionSubstitution, Callable[[str, str], str]] = {
    "hash": _hash,
    "entity_name": _name,
}
