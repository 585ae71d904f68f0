"""Secrets that are said again: without their announcement, in other groups, by another voice."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from earshot.transcript.words import Word
from earshot.understanding.entities.candidates import Evidence
from earshot.understanding.entities.detection import Entity
from earshot.understanding.entities.reading import Reading, read_words
from earshot.understanding.entities.runs import digit_runs
from earshot.understanding.entities.spelling import is_code
from earshot.understanding.entities.views import views_of
from earshot.understanding.redaction.compact import (
    CompactText,
    compact,
    compact_reading,
    digits_of,
)
from earshot.understanding.stop_words import STOP_WORDS

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
_NAMED_TYPES = frozenset({"person_name", "organization", "location"})
_EMAIL = "email_address"
_AT = re.compile(r"\s*@|\s+at\s", re.IGNORECASE)
_PARTS = re.compile(r"[a-z]+|[0-9]+")
_MADE_UP = ("password", "username")
_MIN_WORD = 4  # letters of a word of such that is a secret by itself
_MIN_SIZE = 3  # letters and digits
_MIN_SIZE_ASIDE = 7  # digits of a number whose last four alone, or with words between, are told
_LAST = 4
_SIZES_MISHEARD = range(6, 25)  # digits of what may be a secret with some lost, or others
_MAX_RIVALS = 20
_LIKENESS = 0.75  # of what two numbers have in common, of both
_MIN_SIZE_NEARBY = 2
_MAX_WORDS_NEARBY = 30
_MAX_WORDS_PER_DIGIT = 4  # said on average while a number is read back

Secret = tuple[str, str]  # letters and digits of it, and its type


def find_repeats(
    words: Sequence[Word], entities: Sequence[Entity], known: Iterable[Secret] = ()
) -> Iterator[tuple[int, str]]:
    """Index and type of each word that says a secret again; `known` were said before the words."""
    secrets = dict.fromkeys((*known, *secrets_of(entities)))
    if not entities and not secrets:
        return
    for view in views_of(words):
        reading = read_words([words[index] for index in view.indices])
        whole = compact_reading(reading, view.indices)
        digits = digits_of(reading, view.indices)
        for secret, entity_type in secrets:
            for place in whole.find(secret):
                # The words between are marks: "jane underscore doe".
                first, last = (bisect_left(view.indices, place[end]) for end in (0, -1))
                yield from ((index, entity_type) for index in view.indices[first : last + 1])
            if secret.isdecimal() and len(secret) >= _MIN_SIZE_ASIDE:
                for index in _aside(secret, whole, digits):
                    yield index, entity_type
        yield from _nearby(whole, entities)
        yield from _misheard(reading, view.indices, secrets)


def secrets_of(entities: Iterable[Entity]) -> Iterator[Secret]:
    """What must not be said again of these."""
    for entity in entities:
        yield from ((text, entity.entity_type) for text in _secrets_of(entity))


def names_of(entities: Iterable[Entity]) -> Iterator[Secret]:
    """Names that are surely ones, and each word of those of people.

    In one text the tagger finds them again by itself; from then on nobody would.
    """
    for entity in entities:
        if entity.entity_type in _NAMED_TYPES and entity.evidence >= Evidence.TAGGED:
            words = entity.text.split() if entity.entity_type == "person_name" else ()
            for text in dict.fromkeys((entity.compact, *map(compact, words))):
                if len(text) >= _MIN_SIZE and text not in STOP_WORDS:
                    yield text, entity.entity_type


def _secrets_of(entity: Entity) -> Iterator[str]:
    """What must not be said again: the whole, and the words of what somebody made up."""
    has_digit = any(character.isdigit() for character in entity.compact)
    is_sure = entity.evidence >= Evidence.FORM
    if entity.entity_type not in REPEATED_TYPES or not (has_digit or is_sure):
        return
    if len(entity.compact) >= _MIN_SIZE:
        yield entity.compact
    if entity.entity_type == _EMAIL and is_sure and (mailbox := _mailbox_of(entity.text)):
        yield mailbox
    if entity.entity_type in _MADE_UP and is_sure:
        words = {compact(word) for word in entity.text.split()} - STOP_WORDS
        yield from (word for word in words if len(word) >= _MIN_WORD and not is_code(word))


def _mailbox_of(address: str) -> str:
    """What stands before the "at", if it is more than one word; of one it would be a name."""
    said = tuple(Word(part, 0, 0, 1.0) for part in _AT.split(address, maxsplit=1)[0].split())
    parts = _PARTS.findall(read_words(said).text.lower())
    return "".join(parts) if len(parts) > 1 else ""


def _nearby(whole: CompactText, entities: Sequence[Entity]) -> Iterator[tuple[int, str]]:
    """Words that say again, a little earlier or later, what is hidden of any type."""
    told: dict[tuple[str, str], list[int]] = {}
    for entity in entities:
        if len(entity.compact) >= _MIN_SIZE_NEARBY:
            told.setdefault((entity.compact, entity.entity_type), []).append(entity.first)
    for (text, entity_type), places in told.items():
        places.sort()
        for place in whole.find(text):
            after = bisect_left(places, place[0])
            near = places[max(0, after - 1) : after + 1]
            if any(abs(place[0] - other) <= _MAX_WORDS_NEARBY for other in near):
                yield from ((index, entity_type) for index in place)


def _misheard(
    reading: Reading, indices: Sequence[int], secrets: Iterable[tuple[str, str]]
) -> Iterator[tuple[int, str]]:
    """Words of a number that is nearly one of the secrets: "212 555 1143" as "to 12555143"."""
    sharing: dict[str, dict[tuple[str, str], None]] = {}
    for secret, entity_type in secrets:
        if secret.isdecimal() and len(secret) in _SIZES_MISHEARD:
            for shared in _stretches(secret):
                sharing.setdefault(shared, {})[secret, entity_type] = None
    for run in digit_runs(reading) if sharing else ():
        if len(run.digits) in _SIZES_MISHEARD:
            rivals = {rival for part in _stretches(run.digits) for rival in sharing.get(part, ())}
            for secret, entity_type in sorted(rivals)[:_MAX_RIVALS]:
                if secret not in run.digits and _are_alike(run.digits, secret):
                    owners = reading.words_of(run.start, run.end)
                    yield from ((i, entity_type) for i in indices[owners.first : owners.end])
                    break


def _are_alike(digits: str, others: str) -> bool:
    return SequenceMatcher(None, digits, others, autojunk=False).ratio() >= _LIKENESS


def _stretches(digits: str) -> set[str]:
    return {digits[i : i + _LAST] for i in range(len(digits) - _LAST + 1)}


def _aside(secret: str, whole: CompactText, digits: CompactText) -> Iterator[int]:
    """Words of a long number's last four digits, and of all of it with other words between."""
    for place in whole.find(secret[-_LAST:]):
        yield from place
    for place in digits.find(secret):
        if place[-1] - place[0] < _MAX_WORDS_PER_DIGIT * len(secret):
            yield from place
