"""What came out of one recording."""

from dataclasses import dataclass

from earshot.transcript.words import Utterance, Word, join_words, mean_confidence


@dataclass(frozen=True, slots=True)
class TranscriptResult:
    """A finished transcript: words in temporal order, and utterances where channels were split.

    `n_channels` is set only where channels were transcribed apart. `warnings` are sentences for the
    caller about what was left out or repaired. `engine` names what really transcribed.
    """

    words: tuple[Word, ...]
    utterances: tuple[Utterance, ...] | None
    duration_ms: int
    n_channels: int | None
    language_code: str
    engine: str
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return join_words(self.words)

    @property
    def confidence(self) -> float:
        return mean_confidence(self.words)
