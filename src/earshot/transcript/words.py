"""What a transcript is made of: words, and the stretches that words are gathered into."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Thai and Lao, Burmese, the marks and kana of East Asia, Han, and marks of full width.
_UNSPACED = "[\u0e00-\u0eff\u1000-\u109f\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]"
_NEEDLESS_SPACE = re.compile(f"(?<={_UNSPACED}) (?={_UNSPACED})")


@dataclass(frozen=True, slots=True)
class Word:
    """The smallest timed text that we hand out.

    Times are milliseconds from the start of the audio, half-open. `confidence` is a probability.
    `channel` counts tracks from 1 and is set only when channels were transcribed apart.
    """

    text: str
    start_ms: int
    end_ms: int
    confidence: float
    speaker: str | None = None
    channel: int | None = None

    @property
    def duration_ms(self) -> int:
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Utterance:
    """Consecutive words of one speaker or one channel, in a finished transcript."""

    words: tuple[Word, ...]
    speaker: str
    channel: int | None = None

    @property
    def text(self) -> str:
        return join_words(self.words)

    @property
    def start_ms(self) -> int:
        return self.words[0].start_ms

    @property
    def end_ms(self) -> int:
        return self.words[-1].end_ms

    @property
    def confidence(self) -> float:
        return mean_confidence(self.words)


def label_of(speaker: str | None, channel: int | None) -> str | None:
    """What stands for a voice: the speaker's label, else the number of the channel."""
    return speaker if speaker is not None or channel is None else str(channel)


def join_words(words: Sequence[Word]) -> str:
    """The text of the words, one space between each; none where their script is written without."""
    return _NEEDLESS_SPACE.sub("", " ".join(word.text for word in words))


def mean_confidence(words: Sequence[Word]) -> float:
    """The mean of the words' confidences; 0.0 where there is no word."""
    return sum(word.confidence for word in words) / len(words) if words else 0.0
