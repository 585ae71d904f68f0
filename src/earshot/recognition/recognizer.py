"""What an engine must do to turn samples into words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol, runtime_checkable

from earshot.audio.segments import DEFAULT_SEGMENT_POLICY, SegmentPolicy
from earshot.audio.waveform import Waveform
from earshot.transcript.options import NO_VOCABULARY, Vocabulary
from earshot.transcript.words import Word


@dataclass(frozen=True, slots=True)
class Closing:
    """How likely it is that a sentence, or else a phrase of one, ends with the last word."""

    ends_sentence: float
    ends_phrase: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """What an engine made of one segment.

    `words` are timed in milliseconds from the start of the segment. `mean_logprob` is over the
    tokens, the end token included; -inf says that there were none. `is_repetitive` says that the
    engine stopped because it had begun to say the same thing again and again. `closing` is None
    where there are no words, and from engines that do not say. `languages` is how likely each is,
    where that was asked for beside the words. `memory` is what the engine would have back with a
    `Draft`.
    """

    words: tuple[Word, ...]
    mean_logprob: float
    is_repetitive: bool
    closing: Closing | None = None
    languages: Mapping[str, float] | None = None
    memory: object | None = field(default=None, repr=False, compare=False)


NO_WORDS = Recognition((), float("-inf"), is_repetitive=False)


class Effort(Enum):
    """How much time may be taken over doubtful speech, by an engine that can make use of it."""

    USUAL = auto()
    MORE = auto()
    MOST = auto()


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known of the speech beforehand.

    `language` is one of the engine's; None leaves an engine of several languages to find out. With
    `translate_to` an engine that can writes the words in that language; others pass it over.
    """

    language: str | None = None
    vocabulary: Vocabulary = NO_VOCABULARY
    translate_to: str | None = None
    effort: Effort = Effort.USUAL


NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class Draft:
    """What a segment is expected to begin with, because an earlier one did.

    `words` are written as the recognizer would. `memory` is the earlier recognition's; the engine
    sees for itself whether the segment begins as that one did.
    """

    words: tuple[str, ...] = ()
    memory: object | None = field(default=None, repr=False, compare=False)


NO_DRAFT = Draft()


class Recognizer(Protocol):
    """A speech recognizer: mono segments in, words out.

    Implementations are safe to call from several threads at once, return the same words for the
    same segments, and give no words for silence. Windows for long audio, batches and retries are
    `recognition.transcribe`'s, not the engine's.
    """

    @property
    def name(self) -> str:
        """What `speech_model_used` tells the caller."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """The languages it transcribes, by the codes of `recognition.language_codes`."""
        ...

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        """One recognition per segment, in their order; segments of like length run fastest."""
        ...


@runtime_checkable
class DraftingRecognizer(Recognizer, Protocol):
    """A recognizer that is faster where it is told what a segment will likely begin with."""

    def recognize_drafted(
        self,
        segments: Sequence[Waveform],
        drafts: Sequence[Draft],
        hints: Hints = NO_HINTS,
    ) -> list[Recognition]:
        """As `recognize`; `drafts` are what each segment is expected to begin with.

        They cost little where they are wrong: the answer is the same without them, but for
        rounding.
        """
        ...


@runtime_checkable
class SegmentChooser(Protocol):
    """A recognizer that does best with other segments than the default ones."""

    @property
    def segment_policy(self) -> SegmentPolicy:
        """How speech is packed for it."""
        ...


def segment_policy_of(recognizer: Recognizer) -> SegmentPolicy:
    """How speech is packed for the recognizer."""
    if isinstance(recognizer, SegmentChooser):
        return recognizer.segment_policy
    return DEFAULT_SEGMENT_POLICY


@runtime_checkable
class TermLimiter(Protocol):
    """An engine that has room for so many terms of a vocabulary, and goes by no others."""

    def terms_that_fit(self, vocabulary: Vocabulary) -> Sequence[str]:
        """Those of the terms that it goes by, in their order."""
        ...
