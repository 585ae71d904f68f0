"""Secrets that are said again: without their announcement, in other groups, by another voice."""

from collections.abc import Iterator, Sequence

from earshot.transcript.words import Word
from earshot.understanding.entities.candidates import Evidence
from earshot.understanding.entities.detection import Entity
from earshot.understanding.entities.reading import read_words
from earshot.understanding.entities.views import views_of
from earshot.understanding.redaction.compact import CompactText, compact_reading, digits_of

# Types of which one is a secret wherever it is said. A day or an amount is said of other things.
REPEATED_TYPES = frozenset(
    {
        "account_number",
        "banking_information",
        "credit_card_cvv",
        "credit_card_expiration",
        "credit_card_number",
        "date_of_birth",
        "drivers_license",
        "email_address",
        "filename",
        "healthcare_number",
        "ip_address",
        "number_sequence",
        "passport_number",
        "password",
        "phone_number",
        "url",
        "us_social_security_number",
        "username",
        "vehicle_id",
    }
)
_MIN_SIZE = 3  # letters and digits
_MIN_SIZE_ASIDE = 7  # digits of a number whose last four alone, or with words between, are told
_LAST = 4
_MAX_WORDS_PER_DIGIT = 4  # said on average while a number is read back


def find_repeats(words: Sequence[Word], entities: Sequence[Entity]) -> Iterator[tuple[int, str]]:
    """Index and type of each word that says a secret again."""
    secrets = {
        (entity.compact, entity.entity_type): None for entity in entities if _is_repeated(entity)
    }
    if not secrets:
        return
    for view in views_of(words):
        reading = read_words([words[index] for index in view.indices])
        whole = compact_reading(reading, view.indices)
        digits = digits_of(reading, view.indices)
        for secret, entity_type in secrets:
            for place in whole.find(secret):
                yield from ((index, entity_type) for index in place)
            if secret.isdecimal() and len(secret) >= _MIN_SIZE_ASIDE:
                for index in _aside(secret, whole, digits):
                    yield index, entity_type


def _is_repeated(entity: Entity) -> bool:
    has_digit = any(character.isdigit() for character in entity.compact)
    is_sure = has_digit or entity.evidence >= Evidence.FORM
    return entity.entity_type in REPEATED_TYPES and len(entity.compact) >= _MIN_SIZE and is_sure


def _aside(secret: str, whole: CompactText, digits: CompactText) -> Iterator[int]:
    """Words of a long number's last four digits, and of all of it with other words between."""
    for place in whole.find(secret[-_LAST:]):
        yield from place
    for place in digits.find(secret):
        if place[-1] - place[0] < _MAX_WORDS_PER_DIGIT * len(secret):
            yield from place
