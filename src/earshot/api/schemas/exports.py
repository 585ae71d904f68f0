"""Sentences, paragraphs and search matches on the wire."""

from collections.abc import Sequence

from earshot.api.schemas.wire import WireModel
from earshot.api.schemas.words import Channel, WordBody, shown_channel, shown_speaker, word_bodies
from earshot.exports.paragraphs import Paragraph
from earshot.exports.search import Match
from earshot.transcript.sentences import Sentence


class SentenceBody(WireModel):
    """A sentence, with its words."""

    text: str
    start: int
    """Milliseconds from the start of the recording."""
    end: int
    """Milliseconds from the start of the recording."""
    confidence: float
    words: list[WordBody]
    speaker: str | None
    channel: Channel = None


class SentencesBody(WireModel):
    """A transcript as sentences."""

    sentences: list[SentenceBody]
    id: str
    confidence: float
    audio_duration: int
    """Length of the recording in whole seconds."""
    speech_model_used: str | None


class ParagraphBody(WireModel):
    """Sentences that belong together, with their words."""

    text: str
    start: int
    """Milliseconds from the start of the recording."""
    end: int
    """Milliseconds from the start of the recording."""
    confidence: float
    words: list[WordBody]
    speaker: str | None
    channel: Channel = None


class ParagraphsBody(WireModel):
    """A transcript as paragraphs."""

    paragraphs: list[ParagraphBody]
    id: str
    confidence: float
    audio_duration: int
    """Length of the recording in whole seconds."""
    speech_model_used: str | None


class MatchBody(WireModel):
    """Every place where one of the terms was said."""

    text: str
    count: int
    timestamps: list[tuple[int, int]]
    """Start and end of each place, in milliseconds."""
    indexes: list[int]
    """Index of each place's first word in the transcript's `words`."""


class WordSearchBody(WireModel):
    """What was found; terms that were not said are left out."""

    id: str
    total_count: int
    matches: list[MatchBody]


def sentence_bodies(sentences: Sequence[Sentence]) -> list[SentenceBody]:
    return [
        SentenceBody(
            text=sentence.text,
            start=sentence.start_ms,
            end=sentence.end_ms,
            confidence=sentence.confidence,
            words=word_bodies(sentence.words),
            speaker=shown_speaker(sentence.speaker, sentence.channel),
            channel=shown_channel(sentence.channel),
        )
        for sentence in sentences
    ]


def paragraph_bodies(paragraphs: Sequence[Paragraph]) -> list[ParagraphBody]:
    return [
        ParagraphBody(
            text=paragraph.text,
            start=paragraph.start_ms,
            end=paragraph.end_ms,
            confidence=paragraph.confidence,
            words=word_bodies(paragraph.words),
            speaker=shown_speaker(paragraph.speaker, paragraph.channel),
            channel=shown_channel(paragraph.channel),
        )
        for paragraph in paragraphs
    ]


def word_search_body(transcript_id: str, matches: Sequence[Match]) -> WordSearchBody:
    return WordSearchBody(
        id=transcript_id,
        total_count=sum(match.count for match in matches),
        matches=[
            MatchBody(
                text=match.text,
                count=match.count,
                timestamps=list(match.spans_ms),
                indexes=list(match.indexes),
            )
            for match in matches
        ],
    )
