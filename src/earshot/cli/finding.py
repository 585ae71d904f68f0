"""What `earshot transcribe --find` finds out."""

from collections.abc import Collection
from enum import StrEnum

from earshot.transcript.options import SummaryOptions, UnderstandingOptions

SAFETY_THRESHOLD = 0.5  # that of the API, unless another is given


class Find(StrEnum):
    """One thing to find out about a recording."""

    SUMMARY = "summary"
    CHAPTERS = "chapters"
    HIGHLIGHTS = "highlights"
    ENTITIES = "entities"
    SENTIMENT = "sentiment"
    TOPICS = "topics"
    SAFETY = "safety"


def options_to_find(wanted: Collection[Find]) -> UnderstandingOptions:
    """What has the features find all that is wanted."""
    return UnderstandingOptions(
        key_phrases=Find.HIGHLIGHTS in wanted,
        chapters=Find.CHAPTERS in wanted,
        summary=SummaryOptions() if Find.SUMMARY in wanted else None,
        entities=Find.ENTITIES in wanted,
        sentiment=Find.SENTIMENT in wanted,
        topics=Find.TOPICS in wanted,
        safety_threshold=SAFETY_THRESHOLD if Find.SAFETY in wanted else None,
    )
