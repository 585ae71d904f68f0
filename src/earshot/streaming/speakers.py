"""Who speaks in a live session, told from what was heard so far and no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
import numpy.typing as npt

from earshot.diarization.diarizer import Embedding, Track

Cosines = npt.NDArray[np.float32]  # (n_speakers,), of one voice with each


@dataclass(frozen=True, slots=True)
class SpeakerPolicy:
    """When a voice is a speaker of before, a new one, or nobody that can be told.

    It is the speaker it is nearest to if that is closer than `max_distance`; one of little speech
    is less exact, so it may be further away, by up to `slack`, of which a third is left at
    `slack_ms`. Else it is a new speaker, from `speaker_ms` of clean speech on and as long as there
    are fewer than `most_speakers`. What is neither comes to the nearest within `far_distance`.
    """

    max_distance: float = 0.65
    slack: float = 0.1
    slack_ms: int = 3000
    speaker_ms: int = 1000
    far_distance: float = 0.8
    most_speakers: int = 30


DEFAULT_SPEAKER_POLICY = SpeakerPolicy()


class LiveSpeakers:
    """The speakers so far, each as the mean of what was heard of them; none is ever joined."""

    def __init__(
        self, max_speakers: int | None = None, policy: SpeakerPolicy = DEFAULT_SPEAKER_POLICY
    ) -> None:
        self._policy = policy
        self._most = policy.most_speakers if max_speakers is None else max_speakers
        self._sums: list[Embedding] = []  # embeddings, each as often as milliseconds were clean

    def assign(self, tracks: Sequence[Track]) -> list[int | None]:
        """The speaker of each track, as an index; those with the most clean speech decide first.

        None stands for a voice of which too little was heard.
        """
        assigned: list[int | None] = [None] * len(tracks)
        order = sorted(range(len(tracks)), key=lambda at: -tracks[at].clean_ms)
        for at in order:
            assigned[at] = self._assign_one(tracks[at])
        return assigned

    def _assign_one(self, track: Track) -> int | None:
        embedding = track.embedding
        if embedding is None:
            return None
        weighted = embedding * np.float32(track.clean_ms)
        nearest, distance = self._nearest(embedding)
        is_long = track.clean_ms >= self._policy.speaker_ms
        if nearest is not None and distance <= self._max_distance(track.clean_ms):
            self._sums[nearest] = self._sums[nearest] + weighted
            return nearest
        if is_long and len(self._sums) < self._most:
            self._sums.append(weighted)
            return len(self._sums) - 1
        is_near = distance <= self._policy.far_distance
        return nearest if is_near or is_long else None

    def _nearest(self, embedding: Embedding) -> tuple[int | None, float]:
        if not self._sums:
            return None, float("inf")
        means = np.array(self._sums)
        cosines: Cosines = means @ embedding / np.linalg.norm(means, axis=1)
        nearest = int(np.argmax(cosines))
        return nearest, 1 - float(cosines[nearest])

    def _max_distance(self, clean_ms: int) -> float:
        policy = self._policy
        return policy.max_distance + policy.slack * exp(-clean_ms / policy.slack_ms)
