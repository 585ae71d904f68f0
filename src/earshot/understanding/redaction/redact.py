"""Words -> words in which secrets are hidden; their number and their times stay.

Whatever is made of a transcript afterwards must be made of these words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from earshot.transcript.options import RedactionOptions, RedactionSubstitution
from earshot.transcript.redaction_policies import POLICIES
from earshot.transcript.words import Word
from earshot.understanding.entities.candidates import Tagger
from earshot.understanding.entities.detection import suspect_entities
from earshot.understanding.redaction.own_terms import find_own_terms
from earshot.understanding.redaction.repeats import Secret, find_repeats, names_of, secrets_of
from earshot.understanding.redaction.substitutes import hide_word


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
    return tuple(
        hide_word(word, labels[index], substitution) if index in labels else word
        for index, word in enumerate(words)
    )


@dataclass(frozen=True, slots=True)
class SecretWords:
    """The label of each word that must be hidden, by index, and what must not be said again."""

    labels: Mapping[int, str]
    secrets: tuple[Secret, ...] = field(repr=False)


def find_secret_words(
    words: Sequence[Word], redaction: RedactionOptions, tagger: Tagger | None = None
) -> Mapping[int, str]:
    """The label under which each word that must be hidden is hidden, by index.

    The label is the first policy asked for that hides it, or the caller's own.
    """
    return find_secrets(words, redaction, tagger).labels


def find_secrets(
    words: Sequence[Word],
    redaction: RedactionOptions,
    tagger: Tagger | None = None,
    known: Iterable[Secret] = (),
) -> SecretWords:
    """As `find_secret_words`, of words before which the `known` secrets were said."""
    policy_of: dict[str, str] = {}
    for policy in redaction.policies:
        for entity_type in POLICIES[policy]:
            policy_of.setdefault(entity_type, policy)
    labels: dict[int, str] = {}
    entities = suspect_entities(words, policy_of.keys(), tagger) if policy_of else ()
    for entity in entities:
        for index in entity.indices:
            labels.setdefault(index, policy_of[entity.entity_type])
    for index, entity_type in find_repeats(words, entities, known):
        labels.setdefault(index, policy_of[entity_type])
    labels.update(find_own_terms(words, redaction.own_terms))
    return SecretWords(labels, tuple(dict.fromkeys((*secrets_of(entities), *names_of(entities)))))
