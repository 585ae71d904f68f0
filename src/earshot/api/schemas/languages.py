"""The language codes of the API, and which of its models exist in which of them.

Availability is the July-2025 matrix of the compatible API: what it refuses for a language, we
refuse with the same words. Which languages the models of *this* server transcribe is another
matter, and handed in.
"""

from typing import Final

ENGLISH_CODES: Final = frozenset({"en", "en_au", "en_uk", "en_us"})

_CODES = """
    en en_au en_uk en_us es fr de it pt nl af sq am ar hy as az ba eu be bn bs br bg my ca
    zh hr cs da et fo fi gl ka el gu ht ha haw he hi hu is id ja jw kn kk km ko lo la lv ln
    lt lb mk mg ms ml mt mi mr mn ne no nn oc pa ps fa pl ro ru sa sr sn sd si sk sl so su
    sw sv tl tg ta tt te th bo tr tk uk ur uz vi cy yi yo de_ch yue
"""

_WITH_SPEAKER_LABELS = """
    en en_au en_uk en_us es fr de it pt nl hi ja zh fi ko pl ru tr uk vi
"""

_WITH_PROFANITY_FILTER = """
    en en_au en_uk en_us es fr de it pt nl hi ja
"""

_WITH_TOPICS = """
    en en_au en_uk en_us es fr de it pt
"""

_WITH_ENTITIES = """
    en en_au en_uk en_us es fr de it pt nl hi ja zh fi ko pl ru tr uk vi af ar be bg my ca
    hr cs da et ka el he hu is id km lv lt lb ms no fa ro sk sl sw sv tl ta
"""

LANGUAGE_CODES: Final = frozenset(_CODES.split())

LANGUAGES_OF_MODEL: Final = {
    "speaker_labels": frozenset(_WITH_SPEAKER_LABELS.split()),
    "disfluencies": ENGLISH_CODES,
    "filter_profanity": frozenset(_WITH_PROFANITY_FILTER.split()),
    "auto_highlights": ENGLISH_CODES,
    "auto_chapters": ENGLISH_CODES,
    "summarization": ENGLISH_CODES,
    "sentiment_analysis": ENGLISH_CODES,
    "content_safety": frozenset(_WITH_TOPICS.split()),
    "iab_categories": frozenset(_WITH_TOPICS.split()),
    "entity_detection": frozenset(_WITH_ENTITIES.split()),
    "redact_pii": frozenset(_WITH_ENTITIES.split()),
}
"""Parameter that switches a model on -> the language codes that the model exists in."""
