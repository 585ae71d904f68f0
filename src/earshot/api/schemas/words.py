"""Words and utterances on the wire."""

from collections.abc import Iterable, Mapping
from itertools import chain, repeat
from typing import Annotated

from pydantic import Field

from earshot.api.schemas.wire import WireModel
from earshot.transcript.words import Utterance, Word


def is_none(value: object) -> bool:
    return value is None


Channel = Annotated[str | None, Field(exclude_if=is_none)]


class WordBody(WireModel):
    """One word of a transcript."""

    text: str
    start: int
    """Milliseconds from the start of the recording."""
    end: int
    """Milliseconds from the start of the recording."""
    confidence: float
    """Probability that the word is right, 0 to 1."""
    speaker: str | None
    """Label of the speaker; with channels transcribed apart, the channel."""
    channel: Channel = None
    """Number of the channel, from "1"; only where channels were transcribed apart."""


class UtteranceBody(WireModel):
    """Consecutive words of one speaker or channel."""

    speaker: str
    text: str
    start: int
    """Milliseconds from the start of the recording."""
    end: int
    """Milliseconds from the start of the recording."""
    confidence: float
    words: list[WordBody]
    channel: Channel = None
    translated_texts: Annotated[dict[str, str] | None, Field(exclude_if=is_none)] = None
    """Code of a language -> the text in it; where `match_original_utterance` asked for it."""


def word_bodies(words: Iterable[Word]) -> list[WordBody]:
    return [
        WordBody(
            text=word.text,
            start=word.start_ms,
            end=word.end_ms,
            confidence=word.confidence,
            speaker=shown_speaker(word.speaker, word.channel),
            channel=shown_channel(word.channel),
        )
        for word in words
    ]


def utterance_bodies(
    utterances: Iterable[Utterance], translations: Iterable[Mapping[str, str]] | None = None
) -> list[UtteranceBody]:
    """Each utterance, with its translations, if there are any."""
    translated = repeat(None) if translations is None else chain(translations, repeat(None))
    return [
        UtteranceBody(
            speaker=utterance.speaker,
            text=utterance.text,
            start=utterance.start_ms,
            end=utterance.end_ms,
            confidence=utterance.confidence,
            words=word_bodies(utterance.words),
            channel=shown_channel(utterance.channel),
            translated_texts=None if texts is None else dict(texts),
        )
        for utterance, texts in zip(utterances, translated, strict=False)
    ]


def shown_channel(channel: int | None) -> str | None:
    """Channels are strings on the wire: "1", "2", ..."""
    return None if channel is None else str(channel)


def shown_speaker(speaker: str | None, channel: int | None) -> str | None:
    """The speaker's label; without one, the channel stands in for it."""
    return shown_channel(channel) if speaker is None else speaker
