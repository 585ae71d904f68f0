"""From windows to tracks: which local speakers of overlapping windows are one voice."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from earshot.diarization.diarizer import Stretch, Track
from earshot.diarization.frames import (
    FRAMES_PER_S,
    WINDOW_FRAMES,
    count_frames,
    frame_to_ms,
    frames_of_features,
)
from earshot.diarization.voiceprints import Floats, VoiceFeatures

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TrackPolicy:
    """When local speakers are one voice, and when that voice speaks.

    They are where their embeddings are closer than `max_distance`, on average. Those of one window
    are different people, which `same_window_penalty` says as a distance; those of windows that
    overlap are the closer, by up to `agreement_bonus`, the more they speak at the same moments.
    Those that never speak alone for `min_clean_ms` come to the voice that is nearest. Somebody
    speaks where the sum of the scores is at least `onset`, a second one at `second_onset`. Pauses
    shorter than `min_pause_ms` are filled, and stretches shorter than `min_speech_ms` dropped.
    """

    max_distance: float = 0.6
    same_window_penalty: float = 0.5
    agreement_bonus: float = 0.3
    min_clean_ms: int = 400
    onset: float = 0.5
    second_onset: float = 1.5
    min_pause_ms: int = 0
    min_speech_ms: int = 0


DEFAULT_TRACK_POLICY = TrackPolicy()


@dataclass(frozen=True, slots=True)
class LocalVoices:
    """Who speaks in each window: speakers have no identity beyond their window.

    `scores` is (n_windows, WINDOW_FRAMES, n_local), the probability that each one speaks; `starts`
    are the windows' first frames.
    """

    starts: npt.NDArray[np.int_]
    scores: Floats
    n_samples: int

    @property
    def n_frames(self) -> int:
        return count_frames(self.n_samples)

    @property
    def has_speech(self) -> bool:
        return bool((self.scores > 0.5).any())


@dataclass(frozen=True, slots=True)
class _Locals:
    """The local speakers that speak at all: which window and column, and when, (n, n_frames)."""

    windows: npt.NDArray[np.int_]
    columns: npt.NDArray[np.int_]
    is_active: Mask
    is_alone: Mask

    @property
    def clean_ms(self) -> npt.NDArray[np.float64]:
        return 1000 / FRAMES_PER_S * self.is_alone.sum(axis=1)


def join_tracks(
    voices: LocalVoices,
    features: VoiceFeatures,
    duration_ms: int,
    policy: TrackPolicy = DEFAULT_TRACK_POLICY,
) -> list[Track]:
    """The voices of all windows together, in order of their first word."""
    found = _find_locals(voices)
    if not len(found.windows):
        return []
    to_frames = frames_of_features(len(features.values), voices.n_frames)
    labels = _join(found, features, to_frames, policy)
    scores = _mean_scores(voices, found, labels)
    active = _decide(scores, _mean_total(voices), policy)
    return _tracks(active, features, to_frames, duration_ms, policy)


def _find_locals(voices: LocalVoices) -> _Locals:
    is_active = voices.scores > 0.5
    is_alone = is_active & (is_active.sum(axis=2, keepdims=True) == 1)
    windows, columns = np.nonzero(is_active.any(axis=1))
    n_frames = voices.n_frames
    spread = np.zeros((2, len(windows), n_frames), dtype=bool)
    for index, (window, column) in enumerate(zip(windows, columns, strict=True)):
        start = voices.starts[window]
        length = min(WINDOW_FRAMES, n_frames - start)
        spread[0, index, start : start + length] = is_active[window, :length, column]
        spread[1, index, start : start + length] = is_alone[window, :length, column]
    heard = spread[0].any(axis=1)
    return _Locals(windows[heard], columns[heard], spread[0][heard], spread[1][heard])


def _join(
    found: _Locals, features: VoiceFeatures, to_frames: npt.NDArray[np.int_], policy: TrackPolicy
) -> npt.NDArray[np.int_]:
    """For each local speaker the index of its voice."""
    use_alone = found.clean_ms >= policy.min_clean_ms
    moments = np.where(use_alone[:, None], found.is_alone, found.is_active)[:, to_frames]
    embeddings = features.embed(moments)
    can_tell = (moments * features.is_present).any(axis=1)
    distances = 1.0 - np.clip(embeddings @ embeddings.T, -1, 1).astype(np.float64)
    distances[~can_tell, :] = distances[:, ~can_tell] = 1.0
    distances += _beliefs(found, policy)
    sure = np.flatnonzero(use_alone & can_tell)
    if not len(sure):
        sure = np.arange(len(use_alone))
    labels = np.full(len(use_alone), -1)
    labels[sure] = _cluster(distances[np.ix_(sure, sure)], policy.max_distance)
    for index in np.flatnonzero(labels < 0):
        labels[index] = labels[sure[int(np.argmin(distances[index, sure]))]]
    return labels


def _beliefs(found: _Locals, policy: TrackPolicy) -> npt.NDArray[np.float64]:
    """What the windows say about who is who, to be added to distances."""
    same_window = found.windows[:, None] == found.windows[None, :]
    n_active = found.is_active.astype(np.float32)
    firsts, ends = _bounds(found)
    together = n_active @ n_active.T
    shared = np.zeros(together.shape)
    for index in range(len(firsts)):
        within = n_active[:, firsts[index] : ends[index]].sum(axis=1)
        shared[:, index] = within
    total = shared + shared.T
    dice = np.where(total > 0, 2 * together / np.maximum(total, 1), 0)
    bonus = -policy.agreement_bonus * dice
    return np.where(same_window, policy.same_window_penalty, bonus)


def _bounds(found: _Locals) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.int_]]:
    n_frames = found.is_active.shape[1]
    firsts = found.is_active.argmax(axis=1)
    ends = n_frames - found.is_active[:, ::-1].argmax(axis=1)
    return firsts, ends


def _cluster(distances: npt.NDArray[np.float64], threshold: float) -> npt.NDArray[np.int_]:
    if len(distances) < 2:
        return np.zeros(len(distances), dtype=int)
    np.fill_diagonal(distances, 0)
    condensed = squareform(np.maximum(distances, 0), checks=False)
    merges = linkage(condensed, "average")
    labels: npt.NDArray[np.int_] = fcluster(merges, threshold, "distance") - 1
    return labels


def _mean_scores(voices: LocalVoices, found: _Locals, labels: npt.NDArray[np.int_]) -> Floats:
    """Each voice's score in each frame, over the windows that hear it, (n_frames, n_voices)."""
    n_frames = voices.n_frames
    sums = np.zeros((n_frames, labels.max() + 1), dtype=np.float32)
    for window, start in enumerate(voices.starts):
        length = min(WINDOW_FRAMES, n_frames - start)
        mine = found.windows == window
        for label in np.unique(labels[mine]):
            columns = found.columns[mine & (labels == label)]
            sums[start : start + length, label] += voices.scores[window, :length, columns].max(0)
    return sums / _n_windows(voices)[:, None]


def _mean_total(voices: LocalVoices) -> Floats:
    """How many speak in each frame, by all windows that hear it, (n_frames,)."""
    n_frames = voices.n_frames
    total = np.zeros(n_frames, dtype=np.float32)
    for window, start in enumerate(voices.starts):
        length = min(WINDOW_FRAMES, n_frames - start)
        total[start : start + length] += voices.scores[window, :length].sum(axis=1)
    return total / _n_windows(voices)


def _n_windows(voices: LocalVoices) -> Floats:
    n_windows = np.zeros(voices.n_frames, dtype=np.float32)
    for start in voices.starts:
        n_windows[start : start + WINDOW_FRAMES] += 1
    return np.maximum(n_windows, 1)


def _decide(scores: Floats, total: Floats, policy: TrackPolicy) -> Mask:
    """Who speaks in each frame, (n_frames, n_voices): as many as the windows say, the likeliest."""
    order = np.argsort(-scores, axis=1, kind="stable")
    active = np.zeros(scores.shape, dtype=bool)
    for rank, least in enumerate((policy.onset, policy.second_onset)[: scores.shape[1]]):
        frames = np.flatnonzero(total >= least)
        active[frames, order[frames, rank]] = scores[frames, order[frames, rank]] > 0
    return active


def _tracks(
    active: Mask,
    features: VoiceFeatures,
    to_frames: npt.NDArray[np.int_],
    duration_ms: int,
    policy: TrackPolicy,
) -> list[Track]:
    is_alone = active & (active.sum(axis=1, keepdims=True) == 1)
    tracks = []
    for voice in range(active.shape[1]):
        stretches = _stretches(active[:, voice], duration_ms, policy)
        if not stretches:
            continue
        clean_ms = round(1000 / FRAMES_PER_S * int(is_alone[:, voice].sum()))
        alone = is_alone[to_frames, voice] & features.is_present
        embedding = features.embed(alone[None])[0] if alone.any() else None
        tracks.append(Track(stretches, embedding, clean_ms if alone.any() else 0))
    return sorted(tracks, key=lambda track: track.stretches[0].start_ms)


def _stretches(active: Mask, duration_ms: int, policy: TrackPolicy) -> tuple[Stretch, ...]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(np.int8)))
    spans: list[tuple[int, int]] = []
    for first, end in edges.reshape(-1, 2).tolist():
        start_ms, end_ms = max(0, frame_to_ms(first)), min(duration_ms, frame_to_ms(end))
        if spans and start_ms - spans[-1][1] < policy.min_pause_ms:
            spans[-1] = spans[-1][0], end_ms
        else:
            spans.append((start_ms, end_ms))
    return tuple(Stretch(*span) for span in spans if span[1] - span[0] > policy.min_speech_ms)


def joined(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """The same time in order and disjoint."""
    spans: list[tuple[int, int]] = []
    for stretch in sorted(stretches, key=lambda s: s.start_ms):
        if spans and stretch.start_ms <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], stretch.end_ms)
        else:
            spans.append((stretch.start_ms, stretch.end_ms))
    return tuple(Stretch(*span) for span in spans)
