"""What a live session is asked to be."""

from dataclasses import dataclass

from earshot.transcript.options import NO_VOCABULARY, RedactionOptions, Vocabulary


@dataclass(frozen=True, slots=True)
class TurnPolicy:
    """When a turn is over.

    It ends once its speaker has been silent for `min_silence_ms` and the confidence that this is
    the end is over `confidence_threshold`, and in any case after `max_silence_ms`. What is speech
    at all, the voice detector says with a probability of `vad_threshold` or more. A confidence
    threshold of 1 leaves the decision to the silence alone; at 0 every turn ends after
    `min_silence_ms`.
    """

    confidence_threshold: float = 0.4
    min_silence_ms: int = 400
    max_silence_ms: int = 1280
    vad_threshold: float = 0.4


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """The knobs of one live session; they may be replaced while it runs.

    With `formats_turns` the end of a turn is told twice, the second time with capitals, marks and
    numbers in digits. Where it `writes_words`, each word has its capitals and marks from the first
    on, and the end is told once. With `speaker_labels` turns carry speakers, `max_speakers` of them
    at most. `language` is one of the recognizer's; None leaves a recognizer of many to find out.
    With `detects_language` turns tell what they sound like. With a `redaction` turns are told only
    when they have ended, and without what it hides; it holds for the whole session.
    """

    turns: TurnPolicy = TurnPolicy()
    formats_turns: bool = False
    writes_words: bool = False
    filters_profanity: bool = False
    vocabulary: Vocabulary = NO_VOCABULARY
    speaker_labels: bool = False
    max_speakers: int | None = None
    language: str | None = "en"
    detects_language: bool = False
    redaction: RedactionOptions | None = None
