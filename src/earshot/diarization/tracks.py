"""From windows to tracks: whose voice is heard when, in about a minute of audio.

First the windows' speakers are joined where they are surely one: that tells where voices change.
What each says alone is then cut into pieces, and those that sound alike are one track.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from earshot.diarization.diarizer import Stretch, Track
from earshot.diarization.frames import FRAMES_PER_S, frame_to_ms, frames_of_features
from earshot.diarization.linkage import Distances
from earshot.diarization.pieces import (
    Piece,
    cluster,
    cosine_distances,
    cut_pieces,
    group_pieces,
    moments_of,
)
from earshot.diarization.voiceprints import VoiceFeatures
from earshot.diarization.windows import (
    Labels,
    LocalSpeakers,
    LocalVoices,
    Mask,
    decide_who_speaks,
    find_local_speakers,
    score_voices,
)


@dataclass(frozen=True, slots=True)
class TrackPolicy:
    """When voices are one, and when they speak.

    Speakers of windows are joined where their embeddings are closer than `local_distance`. Those
    of one window are further apart by `same_window_penalty`; others are closer, by up to
    `agreement_bonus`, the more they speak at the same moments. Those that never speak alone for
    `min_alone_ms` come to the nearest. Pieces are `piece_ms` long at most, tell by themselves whose
    they are from `min_piece_ms` on, and are one voice where they are closer than `max_distance`.
    Somebody speaks where the windows count at least `onset` speakers, and two from `second_onset`
    on. Pauses of a track that are shorter than `min_pause_ms`, and in which nobody speaks, are
    filled.
    """

    local_distance: float = 0.3
    same_window_penalty: float = 0.5
    agreement_bonus: float = 0.15
    min_alone_ms: int = 400
    piece_ms: int = 1500
    min_piece_ms: int = 500
    max_distance: float = 0.65
    onset: float = 0.35
    second_onset: float = 1.3
    min_pause_ms: int = 500


DEFAULT_TRACK_POLICY = TrackPolicy()


def join_tracks(
    voices: LocalVoices,
    features: VoiceFeatures,
    duration_ms: int,
    policy: TrackPolicy = DEFAULT_TRACK_POLICY,
) -> list[Track]:
    """The voices of all windows together, in order of their first word."""
    speakers = find_local_speakers(voices)
    if not len(speakers.windows):
        return []
    frames = frames_of_features(len(features.values), voices.n_frames)
    labels = _join_speakers(speakers, features, frames, policy)[:, None]
    active = _decide(voices, speakers, labels, policy)
    pieces = cut_pieces(active, policy.piece_ms)
    if pieces:
        moments = moments_of(pieces, voices.n_frames)[:, frames]
        groups = group_pieces(pieces, moments, features, policy.min_piece_ms, policy.max_distance)
        active = _decide(voices, speakers, _labels_by_frame(speakers, pieces, groups), policy)
    return _describe(active, features, frames, duration_ms, policy)


def _decide(
    voices: LocalVoices, speakers: LocalSpeakers, labels: Labels, policy: TrackPolicy
) -> Mask:
    scores = score_voices(voices, speakers, labels)
    return decide_who_speaks(scores, voices.n_speaking, policy.onset, policy.second_onset)


def _join_speakers(
    speakers: LocalSpeakers, features: VoiceFeatures, frames: Labels, policy: TrackPolicy
) -> Labels:
    """For each of the windows' speakers its voice, (n_speakers,)."""
    is_clean = speakers.alone_ms >= policy.min_alone_ms
    moments = np.where(is_clean[:, None], speakers.is_alone, speakers.is_active)[:, frames]
    can_tell = (moments & features.is_present).any(axis=1)
    distances = cosine_distances(features.embed(moments))
    distances[~can_tell, :] = distances[:, ~can_tell] = 1.0
    distances += _beliefs(speakers, policy)
    sure = np.flatnonzero(is_clean & can_tell)
    if not len(sure):
        sure = np.arange(len(is_clean))
    labels = np.full(len(is_clean), -1)
    labels[sure] = cluster(distances[np.ix_(sure, sure)], policy.local_distance)
    for index in np.flatnonzero(labels < 0):
        labels[index] = labels[sure[int(np.argmin(distances[index, sure]))]]
    return labels


def _beliefs(speakers: LocalSpeakers, policy: TrackPolicy) -> Distances:
    """What the windows say about who is who, to be added to distances."""
    active = speakers.is_active.astype(np.float32)
    together = active @ active.T
    # How much each speaks in the part that the other's window hears too.
    hears = np.array([_extent(row) for row in speakers.is_active]).astype(np.float32)
    within = active @ hears.T
    agreement = 2 * together / np.maximum(within + within.T, 1)
    same_window = speakers.windows[:, None] == speakers.windows[None, :]
    return np.where(same_window, policy.same_window_penalty, -policy.agreement_bonus * agreement)


def _extent(row: Mask) -> Mask:
    """True from the first to the last frame that is."""
    frames = np.flatnonzero(row)
    extent = np.zeros(row.shape, dtype=bool)
    extent[frames[0] : frames[-1] + 1] = True
    return extent


def _labels_by_frame(speakers: LocalSpeakers, pieces: Sequence[Piece], groups: Labels) -> Labels:
    """Whose voice each of the windows' speakers has in each frame, (n_speakers, n_frames).

    It is that of the nearest piece that it speaks in, alone if it ever does.
    """
    n_frames = speakers.is_active.shape[1]
    heard = np.full(n_frames, -1)
    for piece, group in zip(pieces, groups, strict=True):
        heard[piece.first : piece.end] = group
    labels = np.zeros(speakers.is_active.shape, dtype=int)
    for row, alone, active in zip(labels, speakers.is_alone, speakers.is_active, strict=True):
        known = np.flatnonzero(alone & (heard >= 0))
        if not len(known):
            known = np.flatnonzero(active & (heard >= 0))
        if not len(known):
            known = np.flatnonzero(heard >= 0)
        row[:] = heard[_nearest(known, n_frames)]
    return labels


def _nearest(known: npt.NDArray[np.int_], n_frames: int) -> npt.NDArray[np.int_]:
    """For each frame the nearest of the known ones, (n_frames,)."""
    frames = np.arange(n_frames)
    after = np.searchsorted(known, frames)
    before = known[np.maximum(after - 1, 0)]
    after = known[np.minimum(after, len(known) - 1)]
    return np.where(np.abs(before - frames) <= np.abs(after - frames), before, after)


def _describe(
    active: Mask,
    features: VoiceFeatures,
    frames: Labels,
    duration_ms: int,
    policy: TrackPolicy,
) -> list[Track]:
    is_alone = active & (active.sum(axis=1, keepdims=True) == 1)
    is_quiet = active.sum(axis=1) == 0
    tracks = []
    for voice in np.flatnonzero(active.any(axis=0)):
        spoken = _fill_pauses(active[:, voice], is_quiet, policy)
        alone = is_alone[frames, voice] & features.is_present
        embedding, clean_ms = None, 0
        if alone.any():
            embedding = features.embed(alone[None])[0]
            clean_ms = round(1000 / FRAMES_PER_S * int(is_alone[:, voice].sum()))
        if stretches := _stretches(spoken, duration_ms):
            tracks.append(Track(stretches, embedding, clean_ms))
    return sorted(tracks, key=lambda track: track.stretches[0].start_ms)


def _fill_pauses(spoken: Mask, is_quiet: Mask, policy: TrackPolicy) -> Mask:
    longest_frames = policy.min_pause_ms / 1000 * FRAMES_PER_S
    filled = spoken.copy()
    for (_, first), (end, _) in pairwise(_runs(spoken)):
        if end - first < longest_frames and is_quiet[first:end].all():
            filled[first:end] = True
    return filled


def _stretches(spoken: Mask, duration_ms: int) -> tuple[Stretch, ...]:
    limits = (
        (max(0, frame_to_ms(first)), min(duration_ms, frame_to_ms(end)))
        for first, end in _runs(spoken)
    )
    return tuple(Stretch(start_ms, end_ms) for start_ms, end_ms in limits if start_ms < end_ms)


def _runs(spoken: Mask) -> list[tuple[int, int]]:
    """Half-open ranges of frames that are true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], spoken, [False]]).astype(np.int8)))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]
