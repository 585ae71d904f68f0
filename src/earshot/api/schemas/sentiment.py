"""The sentiment of each sentence, on the wire."""

from typing import Annotated

from pydantic import Field

from earshot.api.schemas.wire import WireModel
from earshot.api.schemas.words import Channel, shown_channel, shown_speaker
from earshot.transcript.findings import Feeling, SentenceSentiment


class SentimentBody(WireModel):
    """What is felt of what a sentence says."""

    text: str
    start: int
    """Milliseconds from the start of the recording."""
    end: int
    """Milliseconds from the start of the recording."""
    sentiment: Feeling
    confidence: Annotated[float, Field(ge=0, le=1)]
    """How likely the sentiment is."""
    speaker: str | None
    """Label of the speaker; with channels transcribed apart, the channel."""
    channel: Channel = None
    """Number of the channel, from "1"; only where channels were transcribed apart."""


def sentiment_body(sentiment: SentenceSentiment) -> SentimentBody:
    return SentimentBody(
        text=sentiment.text,
        start=sentiment.start_ms,
        end=sentiment.end_ms,
        sentiment=sentiment.feeling,
        confidence=sentiment.confidence,
        speaker=shown_speaker(sentiment.speaker, sentiment.channel),
        channel=shown_channel(sentiment.channel),
    )
