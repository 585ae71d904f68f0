"""Words -> words in which secrets are hidden; their number and their times stay.

Whatever is made of a transcript afterwards must be made of these words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from earshot.transcript.options import RedactionOptions, RedactionSubstitution
from earshot.transcript.punctuation import CLOSERS, OPENERS, PHRASE_MARKS, SENTENCE_MARKS
from earshot.transcript.redaction_policies import POLICIES
from earshot.transcript.words import Word
from earshot.understanding.entities.candidates import Tagger
from earshot.understanding.entities.detection import suspect_entities
from earshot.understanding.redaction.own_terms import find_own_terms
from earshot.understanding.redaction.repeats import find_repeats

_TRAILING = CLOSERS + "".join((*SENTENCE_MARKS, *PHRASE_MARKS))


def redact_words(
    words: Sequence[Word], redaction: RedactionOptions, tagger: Tagger | None = None
) -> tuple[Word, ...]:
    """The words, with a substitute for each that belongs to a secret.

    "hash" keeps the length of a word, and both keep the marks around it.
    """
    labels = find_secret_words(words, redaction, tagger)
    return hide_words(words, labels, redaction.substitution)


def hide_words(
    words: Sequence[Word], labels: Mapping[int, str], substitution: RedactionSubstitution
) -> tuple[Word, ...]:
    """The words, with a substitute for each whose index has a label."""
    substitute = _SUBSTITUTES[substitution]
    return tuple(
        _hide(word, substitute, labels[index]) if index in labels else word
        for index, word in enumerate(words)
    )


def find_secret_words(
    words: Sequence[Word], redaction: RedactionOptions, tagger: Tagger | None = None
) -> dict[int, str]:
    """The label under which each word that must be hidden is hidden, by index.

    The label is the first policy asked for that hides it, or the caller's own.
    """
    policy_of: dict[str, str] = {}
    for policy in redaction.policies:
        for entity_type in POLICIES[policy]:
            policy_of.setdefault(entity_type, policy)
    labels: dict[int, str] = {}
    entities = suspect_entities(words, policy_of.keys(), tagger) if policy_of else ()
    for entity in entities:
        for index in entity.indices:
            labels.setdefault(index, policy_of[entity.entity_type])
    for index, entity_type in find_repeats(words, entities):
        labels.setdefault(index, policy_of[entity_type])
    labels.update(find_own_terms(words, redaction.own_terms))
    return labels


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
