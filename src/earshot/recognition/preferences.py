"""Which engine transcribes: by the language, and by the names that the caller asked for."""

from collections.abc import Iterable, Mapping, Sequence

from earshot.recognition.catalog import Offer
from earshot.recognition.language_codes import language_of

Tiers = Mapping[str, str]
"""Name of a model tier of the API -> name of an engine, or of its model."""

ENGLISH = "en"
DEFAULT_TIER = "default"
"""The name by which the settings say what transcribes where nothing better was asked for."""


def choose_offer(
    offers: Sequence[Offer], language_code: str, asked: Iterable[str], tiers: Tiers
) -> Offer | None:
    """The first that was asked for and knows the language; else the best that does; else None.

    What is `asked` for, in order of preference, are names of tiers, engines or models; those that
    are not installed, or do not know the language, are passed over. Last comes the default tier.
    """
    language = language_of(language_code)
    able = [offer for offer in offers if language in offer.languages]
    for name in (*asked, DEFAULT_TIER):
        wanted = tiers.get(name, name)
        for offer in able:
            if wanted in (offer.name, offer.model):
                return offer
    embedded = [offer for offer in able if offer.is_embedded and language == ENGLISH]
    preferred = embedded or best_first(able)
    return preferred[0] if preferred else None


def best_first(offers: Iterable[Offer]) -> list[Offer]:
    return sorted(offers, key=lambda offer: -offer.rank)
