"""Words -> words in which secrets are hidden; their number and their times stay.

Whatever is made of a transcript afterwards must be made of these words.
"""

from collections.abc import Mapping, Sequence

from earshot.transcript.options import RedactionOptions, RedactionSubstitution
from earshot.transcript.redaction_policies import POLICIES
from earshot.transcript.words import Word
from earshot.understanding.entities.candidates import Tagger
from earshot.understanding.entities.detection import suspect_entities
from earshot.understanding.redaction.own_terms import find_own_terms
from earshot.understanding.redaction.repeats import find_repeats
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
