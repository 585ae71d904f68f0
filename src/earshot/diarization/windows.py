"""What the model says about each window, laid out over the whole stretch of audio."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earshot.diarization.frames import FRAMES_PER_S, WINDOW_FRAMES, count_frames
from earshot.diarization.voiceprints import Floats

Mask = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class LocalVoices:
    """Who speaks in each window: speakers have no identity beyond their window.

    `scores` is (n_windows, WINDOW_FRAMES, n_local), the probability that each one speaks; `starts`
    are the windows' first frames. Together they hear every one of `n_samples`.
    """

    starts: Labels
    scores: Floats
    n_samples: int

    @property
    def n_frames(self) -> int:
        return count_frames(self.n_samples)

    @property
    def n_heard(self) -> Floats:
        """How many windows hear each frame, (n_frames,)."""
        n_windows = np.zeros(self.n_frames, dtype=np.float32)
        for start in self.starts:
            n_windows[start : start + WINDOW_FRAMES] += 1
        return np.maximum(n_windows, 1)

    @property
    def n_speaking(self) -> Floats:
        """How many speak in each frame, as the windows that hear it have it on average."""
        total = np.zeros(self.n_frames, dtype=np.float32)
        for start, scores in zip(self.starts, self.scores, strict=True):
            heard = total[start : start + WINDOW_FRAMES]
            heard += scores[: len(heard)].sum(axis=1)
        return total / self.n_heard


@dataclass(frozen=True, slots=True)
class LocalSpeakers:
    """The speakers of all windows that say anything, one per row, over all frames.

    `windows` (n_speakers,) says which window each is of; `scores`, `is_active` and `is_alone` are
    (n_speakers, n_frames).
    """

    windows: Labels
    scores: Floats
    is_active: Mask
    is_alone: Mask

    @property
    def alone_ms(self) -> npt.NDArray[np.float64]:
        """For how long each speaks while no other of its window does."""
        spoken_ms: npt.NDArray[np.float64] = self.is_alone.sum(axis=1) * (1000 / FRAMES_PER_S)
        return spoken_ms


def find_local_speakers(voices: LocalVoices) -> LocalSpeakers:
    """Those of the windows' speakers who are likely to speak, somewhere in the audio."""
    is_active = voices.scores > 0.5
    is_alone = is_active & (is_active.sum(axis=2, keepdims=True) == 1)
    windows, columns = np.nonzero(is_active.any(axis=1))
    shape = len(windows), voices.n_frames
    found = LocalSpeakers(
        windows, np.zeros(shape, np.float32), np.zeros(shape, bool), np.zeros(shape, bool)
    )
    for row, (window, column) in enumerate(zip(windows, columns, strict=True)):
        heard = slice(voices.starts[window], voices.starts[window] + WINDOW_FRAMES)
        length = found.scores[row, heard].size
        found.scores[row, heard] = voices.scores[window, :length, column]
        found.is_active[row, heard] = is_active[window, :length, column]
        found.is_alone[row, heard] = is_alone[window, :length, column]
    within = found.is_active.any(axis=1)  # and not only in the silence behind the end
    return LocalSpeakers(
        windows[within], found.scores[within], found.is_active[within], found.is_alone[within]
    )


def score_voices(voices: LocalVoices, speakers: LocalSpeakers, labels: Labels) -> Floats:
    """How likely each voice is to speak in each frame, (n_frames, n_voices).

    `labels` (n_speakers, n_frames), or one column for all frames, says whose voice each local
    speaker has at that moment.
    """
    labels = np.broadcast_to(labels, speakers.scores.shape)
    sums = np.zeros((voices.n_frames, int(labels.max()) + 1), dtype=np.float32)
    frames = np.arange(voices.n_frames)
    for scores, voice in zip(speakers.scores, labels, strict=True):
        sums[frames, voice] += scores
    return sums / voices.n_heard[:, None]


def decide_who_speaks(scores: Floats, n_speaking: Floats, onset: float, second: float) -> Mask:
    """Who speaks in each frame, (n_frames, n_voices): the likeliest, of as many as are heard.

    One where `n_speaking` is at least `onset`; two where it is at least `second`.
    """
    order = np.argsort(-scores, axis=1, kind="stable")
    active = np.zeros(scores.shape, dtype=bool)
    for rank, least in enumerate((onset, second)[: scores.shape[1]]):
        frames = np.flatnonzero(n_speaking >= least)
        chosen = order[frames, rank]
        active[frames, chosen] = scores[frames, chosen] > 0
    return active
