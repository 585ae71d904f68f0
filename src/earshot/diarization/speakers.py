"""Who spoke when in one whole recording, or one channel of it."""

from dataclasses import dataclass

from earshot.diarization.diarizer import Embedding, Stretch


@dataclass(frozen=True, slots=True)
class Speaker:
    """One speaker of a recording: when they spoke, and what they sound like.

    `stretches` are in order and disjoint, in ms from the start of the recording; those of two
    speakers may overlap. `embedding` is None where nothing was long enough to tell.
    """

    stretches: tuple[Stretch, ...]
    embedding: Embedding | None
