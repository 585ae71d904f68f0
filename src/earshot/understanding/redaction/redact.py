"""Words -> words in which secrets are hidden; their number and their times stay.

Whatever is made of a transcript afterwards must be made of these words.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from earshot.transcript.options import RedactionOptions, RedactionSubstitution
from earshot.transcript.punctuation import CLOSERS, OPENERS, PHRASE_MARKS, SENTENCE_MARKS
from earshot.transcript.redaction_policies import types_hidden_by
from earshot.transcript.words import Utterance, Word
from earshot.understanding.entities.detection import suspect_entities

_TRAILING = CLOSERS + "".join((*SENTENCE_MARKS, *PHRASE_MARKS))
_POSSESSIVES = ("'s", "\u2019s")


def redact_words(words: Sequence[Word], redaction: RedactionOptions) -> tuple[Word, ...]:
    """The words, with a substitute for each that belongs to a secret.

    "hash" keeps the length of a word, and both keep the marks around it.
    """
    return hide_words(words, find_secret_words(words, redaction), redaction.substitution)


def hide_words(
    words: Sequence[Word], labels: Mapping[int, str], substitution: RedactionSubstitution
) -> tuple[Word, ...]:
    """The words, with a substitute for each whose index has a label."""
    substitute = _SUBSTITUTES[substitution]
    return tuple(
        _hide(word, substitute, labels[index]) if index in labels else word
        for index, word in enumerate(words)
    )


def redact_utterances(
    utterances: Sequence[Utterance], words: Sequence[Word], redacted: Sequence[Word]
) -> tuple[Utterance, ...]:
    """The utterances of words that were redacted, made of the redacted ones."""
    hidden: dict[Word, Word] = {}
    for word, substitute in zip(words, redacted, strict=True):
        if hidden.get(word, word) == word:  # of two that are equal, one hidden hides both
            hidden[word] = substitute
    return tuple(
        replace(utterance, words=tuple(hidden[word] for word in utterance.words))
        for utterance in utterances
    )


def find_secret_words(words: Sequence[Word], redaction: RedactionOptions) -> dict[int, str]:
    """The label under which each word that must be hidden is hidden, by index.

    A number that one side dictates is interrupted by the other: besides the words in their order,
    those of each channel and each speaker are looked at alone.
    """
    hidden_types = types_hidden_by(redaction.policies)
    labels: dict[int, str] = {}
    for view in _views(words):
        viewed = [words[index] for index in view]
        for entity in suspect_entities(viewed, hidden_types) if hidden_types else ():
            for index in view[entity.first : entity.end]:
                labels.setdefault(index, entity.entity_type)
    for own in redaction.own_terms:
        for index in _find_terms(words, own.terms):
            labels[index] = own.label
    return labels


def _views(words: Sequence[Word]) -> Iterator[list[int]]:
    """Indices of all words, then of each voice's, where there are several."""
    yield list(range(len(words)))
    voices: dict[tuple[int | None, str | None], list[int]] = {}
    for index, word in enumerate(words):
        voices.setdefault((word.channel, word.speaker), []).append(index)
    if len(voices) > 1:
        yield from voices.values()


def _find_terms(words: Sequence[Word], terms: Collection[str]) -> Iterator[int]:
    keys = [_key(word.text) for word in words]
    for term in terms:
        wanted = [_key(part) for part in term.split()]
        for start in range(len(keys) - len(wanted) + 1 if wanted else 0):
            if keys[start : start + len(wanted)] == wanted:
                yield from range(start, start + len(wanted))


def _key(text: str) -> str:
    _, core, _ = _split(text)
    core = core.casefold()
    return core[:-2] if core.endswith(_POSSESSIVES) else core


def _split(text: str) -> tuple[str, str, str]:
    """The marks before a word, the word, the marks after it; all marks are a word of their own."""
    unended = text.rstrip(_TRAILING)
    core = unended.lstrip(OPENERS)
    if not core:
        return "", text, ""
    return unended[: len(unended) - len(core)], core, text[len(unended) :]


def _hide(word: Word, substitute: Callable[[str, str], str], label: str) -> Word:
    lead, core, trail = _split(word.text)
    return replace(word, text=lead + substitute(core, label) + trail)


def _hash(core: str, _label: str) -> str:
    return "#" * len(core)


def _name(_core: str, label: str) -> str:
    return f"[{label.upper()}]"


_SUBSTITUTES: Mapping[RedactionSubstitution, Callable[[str, str], str]] = {
    "hash": _hash,
    "entity_name": _name,
}
