"""What a transcript passes through, ready to run."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from earshot.audio.media import ChannelBlock, ChannelMode, MediaInfo
from earshot.audio.speech import SpeechDetector
from earshot.diarization.diarizer import Diarizer
from earshot.errors import NamesNotInstalled, SpeakersNotInstalled
from earshot.recognition.pool import RecognizerPool
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.redaction_policies import policies_for_a_tagger
from earshot.understanding.entities.candidates import Tagger
from earshot.understanding.feature import Feature


class OpenMedia(Protocol):
    """A recording that is being decoded; `warnings` are complete after the last block."""

    @property
    def info(self) -> MediaInfo: ...

    @property
    def warnings(self) -> tuple[str, ...]: ...

    def __iter__(self) -> Iterator[ChannelBlock]: ...


class MediaDecoder(Protocol):
    """What decodes media files; `audio.decode.Decoder` in earnest."""

    def open(
        self, path: Path, *, channels: ChannelMode, start_ms: int, end_ms: int | None
    ) -> AbstractContextManager[OpenMedia]: ...

    def close(self) -> None: ...


def _no_language_model(_project: str) -> bool:
    """No language model works for anybody."""
    return False


@dataclass(frozen=True, slots=True)
class Stages:
    """The loaded stages of one process, shared by all its threads; `diarizer` may be missing.

    `features` find out what was said, each one kind of thing; `asking_features` do so too, and wait
    for what others answer. `tagger` finds names that are to be hidden. `has_language_model` says
    whether one works for the project of that name.
    """

    decoder: MediaDecoder
    detector: SpeechDetector
    recognizers: RecognizerPool
    diarizer: Diarizer | None = None
    features: tuple[Feature, ...] = ()
    asking_features: tuple[Feature, ...] = ()
    tagger: Tagger | None = None
    has_language_model: Callable[[str], bool] = _no_language_model

    def diarizer_for(self, options: TranscriptOptions) -> Diarizer | None:
        """What tells the speakers apart, if that is asked for; raises SpeakersNotInstalled."""
        if options.speakers is None:
            return None
        if self.diarizer is None:
            raise SpeakersNotInstalled
        return self.diarizer

    def tagger_for(self, options: TranscriptOptions) -> Tagger | None:
        """What finds names; raises NamesNotInstalled where some are to be hidden and none is."""
        policies = () if options.redaction is None else options.redaction.policies
        if self.tagger is None and (needing := policies_for_a_tagger(policies)):
            raise NamesNotInstalled(needing)
        return self.tagger
