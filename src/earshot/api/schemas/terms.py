"""From `word_boost`, `keyterms_prompt` and `prompt` to the one vocabulary that engines know."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from earshot.api.schemas.parameters import EchoedParameters
from earshot.api.schemas.rules import (
    MAX_CHARACTERS_PER_TERM,
    MAX_TERMS,
    MAX_WORDS_PER_TERM,
    require_short,
)
from earshot.errors import RequestInvalid
from earshot.transcript.options import Vocabulary, VocabularyStrength

_STRENGTH_OF_MATCH: Final[dict[str, VocabularyStrength]] = {"standard": "default", "high": "high"}

# No mark opens within another: else each of a row of them would be read to the end of the prompt.
_QUOTED: Final = re.compile(
    '"([^"\n]+)"|\u201c([^\u201c\u201d\n]+)\u201d|\u00ab([^\u00ab\u00bb\n]+)\u00bb'
)
_LISTED: Final = re.compile(r"[,;\n\u2022]")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD: Final = re.compile(r"[^\W_][\w'\u2019.+#-]*")
# Capitals that say nothing of a name.
_NO_NAMES: Final = frozenset({"i", "i'm", "i've", "i'll", "i'd"})


def vocabulary_of(wire: EchoedParameters) -> Vocabulary:
    """Every term of the request once, in the order given, as strong as the strongest asked for."""
    boosted, keyterms = wire.word_boost or (), wire.keyterms_prompt or ()
    unique = _unique([*boosted, *keyterms, *terms_of_prompt(wire.prompt or "")])
    return Vocabulary(unique, _strength(wire)) if unique else Vocabulary()


def listed_vocabulary(name: str, terms: Sequence[str], prompt: str) -> Vocabulary:
    """The terms of the list of that name and those of the prompt, each once.

    Raises RequestInvalid where the list is longer, or a term of it, than anybody looks for.
    """
    listed = _unique(terms)
    if len(listed) > MAX_TERMS:
        raise RequestInvalid(f"{name} must be a list of at most {MAX_TERMS} unique terms")
    require_short(name, listed)
    return Vocabulary(_unique([*listed, *terms_of_prompt(prompt)]))


def terms_of_prompt(prompt: str) -> list[str]:
    """The terms that a prompt names, at most MAX_TERMS.

    These are what stands in quotation marks; the items of a list, which is what follows a colon, or
    the whole prompt where it is no sentence; words with a digit or a capital inside; and names:
    capitalised words, joined where they follow one another, unless they only begin a sentence.
    """
    found = [*_quoted(prompt), *_listed(prompt), *_names(prompt)]
    short = (
        term
        for term in found
        if 0 < len(term.split()) <= MAX_WORDS_PER_TERM and len(term) <= MAX_CHARACTERS_PER_TERM
    )
    return list(dict.fromkeys(short))[:MAX_TERMS]


def _unique(terms: Iterable[str]) -> tuple[str, ...]:
    """The terms in their order, each once, with single spaces and without empty ones."""
    squeezed = (" ".join(term.split()) for term in terms)
    return tuple(dict.fromkeys(filter(None, squeezed)))


def _strength(wire: EchoedParameters) -> VocabularyStrength:
    strengths: list[VocabularyStrength] = []
    if wire.word_boost and wire.boost_param:
        strengths.append(wire.boost_param)
    options = wire.keyterms_prompt_options
    if wire.keyterms_prompt and options and options.keyterms_match_strength:
        strengths.append(_STRENGTH_OF_MATCH[options.keyterms_match_strength])
    order: tuple[VocabularyStrength, ...] = ("low", "default", "high")
    return max(strengths, key=order.index, default="default")


def _quoted(prompt: str) -> Iterator[str]:
    for match in _QUOTED.finditer(prompt):
        yield next(group for group in match.groups() if group).strip(" .,;:!?")


def _listed(prompt: str) -> Iterator[str]:
    for line in prompt.splitlines():
        _, colon, after = line.rpartition(":")
        listed = after if colon else line
        is_sentence = bool(re.search(r"[.!?](\s|$)", listed))
        items = [item.strip(" .\"'\u201c\u201d-*") for item in _LISTED.split(listed)]
        if (colon and len(items) > 1) or (len(items) > 1 and not is_sentence):
            yield from items


def _names(prompt: str) -> Iterator[str]:
    for sentence in _SENTENCE_END.split(prompt):
        words = [(m.group().rstrip(".'\u2019-"), m.start()) for m in _WORD.finditer(sentence)]
        name: list[str] = []
        end = 0
        for index, (word, start) in enumerate(words):
            is_adjoining = sentence[end:start].isspace()
            if name and not (is_adjoining and _is_name(word)):
                yield from _joined(name, begins=index == len(name))
                name = []
            if _is_name(word):
                name.append(word)
            end = start + len(word)
        yield from _joined(name, begins=len(name) == len(words))


def _joined(name: list[str], *, begins: bool) -> Iterator[str]:
    """The name, unless it is only the capital of a sentence that it `begins`."""
    if name and not (begins and len(name) == 1 and not _is_marked(name[0])):
        yield " ".join(name)


def _is_name(word: str) -> bool:
    is_capitalised = word[:1].isupper() and word.lower() not in _NO_NAMES
    return is_capitalised or _is_marked(word)


def _is_marked(word: str) -> bool:
    """Whether no other word is written so: a capital or digit inside, with letters."""
    has_letters = any(letter.isalpha() for letter in word)
    return has_letters and any(c.isupper() or c.isdigit() for c in word[1:])
