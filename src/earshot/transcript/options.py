"""What a transcript is asked to be, in our own words and units."""

from dataclasses import dataclass
from typing import Literal

VocabularyStrength = Literal["low", "default", "high"]


@dataclass(frozen=True, slots=True)
class SpellingRule:
    """Wherever one of `sources` is heard (any case, maybe several words), `target` is written."""

    sources: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words and phrases that the recording is likely to hold, and how much they are preferred."""

    terms: tuple[str, ...] = ()
    strength: VocabularyStrength = "default"


NO_VOCABULARY = Vocabulary()


@dataclass(frozen=True, slots=True)
class TranscriptOptions:
    """The knobs of one transcript that change what the pipeline does.

    `audio_start_ms` and `audio_end_ms` cut a window out of the recording; times in the result
    stay relative to the whole recording. `speech_threshold` is the smallest share of the audio, 0
    to 1, that must be speech. With `split_channels` every track is transcribed apart.
    """

    language_code: str = "en_us"
    punctuate: bool = True
    format_text: bool = True
    disfluencies: bool = False
    filter_profanity: bool = False
    custom_spelling: tuple[SpellingRule, ...] = ()
    audio_start_ms: int | None = None
    audio_end_ms: int | None = None
    speech_threshold: float = 0.0
    split_channels: bool = False
    vocabulary: Vocabulary = NO_VOCABULARY
