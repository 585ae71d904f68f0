"""What came out of one recording."""

from dataclasses import dataclass
from typing import Any

from earshot.transcript.findings import Findings
from earshot.transcript.words import Utterance, Word, join_words, mean_confidence


@dataclass(frozen=True, slots=True)
class LanguageFinding:
    """How sure it is that a recording is in the language that was detected.

    `switched` are the languages between which it may switch, each with its confidence, where that
    was asked for.
    """

    confidence: float
    switched: tuple[tuple[str, float], ...] | None = None

    @staticmethod
    def from_json(item: dict[str, Any]) -> "LanguageFinding":
        """From its fields as JSON has them, where tuples are lists."""
        switched = item["switched"]
        pairs = None if switched is None else tuple((code, share) for code, share in switched)
        return LanguageFinding(item["confidence"], pairs)


@dataclass(frozen=True, slots=True)
class KnownSpeaker:
    """The name by which the voice of a speaker is known; `speaker` is the label, which stays.

    `confidence` is the probability that it is that person's voice.
    """

    speaker: str
    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Unredacted:
    """What was said, where that is to be had beside words in which secrets are hidden."""

    words: tuple[Word, ...]
    utterances: tuple[Utterance, ...] | None

    @property
    def text(self) -> str:
        return join_words(self.words)


@dataclass(frozen=True, slots=True)
class TranscriptResult:
    """A finished transcript: words in temporal order, and utterances where they have voices.

    Those are speakers, where they were to be told apart, or channels that were split.

    `n_channels` is set only where channels were transcribed apart. `warnings` are sentences for the
    caller about what was left out or repaired. `engine` names what really transcribed.
    `language_finding` is set where the language was detected, and `known_speakers`, in the order in
    which they first speak, where speakers were to be recognised: empty if none was. `findings` are
    set where something was to be found out about what was said, `unredacted` where secrets are
    hidden and what was said is wanted all the same.
    """

    words: tuple[Word, ...]
    utterances: tuple[Utterance, ...] | None
    duration_ms: int
    n_channels: int | None
    language_code: str
    engine: str
    warnings: tuple[str, ...] = ()
    language_finding: LanguageFinding | None = None
    known_speakers: tuple[KnownSpeaker, ...] | None = None
    findings: Findings | None = None
    unredacted: Unredacted | None = None

    @property
    def text(self) -> str:
        return join_words(self.words)

    @property
    def confidence(self) -> float:
        return mean_confidence(self.words)
