"""What an engine must do to tell voices apart, and what it says about a recording."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from earshot.audio.speech import Span
from earshot.audio.waveform import Waveform

Embedding = npt.NDArray[np.float32]  # (n_dimensions,), of length 1


@dataclass(frozen=True, slots=True)
class Stretch:
    """A half-open stretch of time, in milliseconds."""

    start_ms: int
    end_ms: int

    @property
    def duration_ms(self) -> int:
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Track:
    """One voice as it was heard within one part of a recording.

    `stretches` are when it spoke, in order and disjoint; other tracks may overlap them.
    `embedding` says what it sounds like; None where it never spoke alone for long enough.
    `clean_ms` is how much speech of nobody else the embedding was taken from.
    """

    stretches: tuple[Stretch, ...]
    embedding: Embedding | None
    clean_ms: int


class Diarizer(Protocol):
    """A model of voices: mono audio in, its local tracks out.

    Implementations are safe to call from several threads at once, and return the same tracks for
    the same audio. Which tracks of which parts are one speaker is `diarization.clustering`'s to
    say, not the engine's.
    """

    @property
    def name(self) -> str: ...

    def find_tracks(self, waveform: Waveform, speech: Sequence[Span]) -> list[Track]:
        """The voices in about a minute of audio, in ms from its start; none where none speaks.

        `speech` is where voice activity detection heard somebody.
        """
        ...
