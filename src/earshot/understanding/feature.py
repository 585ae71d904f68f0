"""What a feature must do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from earshot.llm.usage import UsageMeter
from earshot.transcript.findings import FeatureName, Findings
from earshot.transcript.options import UnderstandingOptions
from earshot.transcript.sentences import Sentence, split_sentences
from earshot.transcript.words import Utterance, Word
from earshot.understanding.entities.candidates import Tagger

ENGLISH = "en"


def _always_wanted() -> None:
    """Nobody can have taken the request back."""


def _hides_nothing(_name: str) -> bool:
    """Where nothing is redacted, nothing is hidden."""
    return False


@dataclass(frozen=True, slots=True)
class SpeechTranslation:
    """What was said, as a recognition engine of that name heard it in another language."""

    language: str
    text: str
    engine: str


@dataclass(frozen=True)
class FinishedTranscript:
    """What was said, as the caller reads it: redacted where that was asked for.

    `project` is the name of whose it is. `spoken` are the words as they were said, for what may
    show them although they are hidden elsewhere. `known_names` are those of speakers whose voices
    are known, by label. `require_wanted` raises TransitionImpossible where the transcript was
    cancelled or deleted meanwhile: who sends words of it to others calls it before each time, and
    passes on what it raises. `hides_name` says whether a name would be hidden, had it been said.
    Language models that are asked about it are asked with a budget of its `meter`.
    `is_redacted` says that nothing may be told but what is in these words, not even what the caller
    wrote. `translation` is there where an engine translated what was said, and `tagger` where one
    has read what was spoken already.
    """

    words: tuple[Word, ...]
    language_code: str
    project: str = "default"
    spoken: tuple[Word, ...] = ()
    utterances: tuple[Utterance, ...] | None = None
    known_names: Mapping[str, str] = field(default_factory=dict)
    require_wanted: Callable[[], None] = field(default=_always_wanted, compare=False, repr=False)
    hides_name: Callable[[str], bool] = field(default=_hides_nothing, compare=False, repr=False)
    meter: UsageMeter = field(default_factory=UsageMeter, compare=False, repr=False)
    is_redacted: bool = False
    translation: SpeechTranslation | None = None
    tagger: Tagger | None = field(default=None, compare=False, repr=False)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """By start; each word is in one."""
        return tuple(split_sentences(self.words))

    @property
    def is_english(self) -> bool:
        return self.language_code.partition("_")[0] == ENGLISH


class Feature(Protocol):
    """Finds out one kind of thing about a transcript; shared between threads."""

    @property
    def name(self) -> FeatureName: ...

    @property
    def is_english_only(self) -> bool: ...

    def is_asked_for(self, options: UnderstandingOptions) -> bool: ...

    def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
        """This feature's part of the findings, with the method that made it.

        It may raise anything: the transcript does without it. TransitionImpossible alone ends the
        work on the transcript.
        """
