"""Short pieces of one voice each, and which of them sound alike.

Segmentation often takes two people who follow each other for one. What a piece of a second or two
sounds like tells them apart, whatever the windows say.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from earshot.diarization.frames import FRAMES_PER_S
from earshot.diarization.linkage import Distances, cut_merges, join_by_average
from earshot.diarization.voiceprints import Floats, VoiceFeatures
from earshot.diarization.windows import Labels, Mask


@dataclass(frozen=True, slots=True)
class Piece:
    """Half-open frames in which one voice speaks alone; `voice` is whose the windows think."""

    first: int
    end: int
    voice: int

    @property
    def middle(self) -> float:
        return (self.first + self.end) / 2


def cut_pieces(active: Mask, longest_ms: int) -> list[Piece]:
    """What each voice says alone, (n_frames, n_voices), in pieces of equal length."""
    voices = np.where(active.sum(axis=1) == 1, active.argmax(axis=1), -1)
    edges = [0, *(np.flatnonzero(np.diff(voices)) + 1).tolist(), len(voices)]
    longest_frames = longest_ms / 1000 * FRAMES_PER_S
    pieces = []
    for first, end in pairwise(edges):
        if first < end and voices[first] >= 0:
            n_pieces = int(np.ceil((end - first) / longest_frames))
            cuts = np.linspace(first, end, n_pieces + 1).astype(int).tolist()
            voice = int(voices[first])
            pieces += [Piece(at, to, voice) for at, to in pairwise(cuts)]
    return pieces


def moments_of(pieces: list[Piece], n_frames: int) -> Mask:
    """When each piece is, (n_pieces, n_frames)."""
    moments = np.zeros((len(pieces), n_frames), dtype=bool)
    for row, piece in zip(moments, pieces, strict=True):
        row[piece.first : piece.end] = True
    return moments


def group_pieces(
    pieces: list[Piece],
    moments: Mask,
    features: VoiceFeatures,
    shortest_ms: int,
    max_distance: float,
) -> Labels:
    """For each piece its voice; `moments` are on the features' grid, (n_pieces, n_features).

    Pieces shorter than `shortest_ms` go with the nearest of those that the windows give to the same
    voice.
    """
    present = (moments & features.is_present).sum(axis=1)
    lengths = np.array([piece.end - piece.first for piece in pieces])
    is_long = (lengths >= shortest_ms / 1000 * FRAMES_PER_S) & (present >= 2)
    known = np.flatnonzero(is_long if is_long.any() else present > 0)
    labels = np.zeros(len(pieces), dtype=int)
    if len(known):
        labels[known] = cluster(cosine_distances(features.embed(moments[known])), max_distance)
        for index in sorted(set(range(len(pieces))) - set(known.tolist())):
            labels[index] = labels[_nearest(pieces, index, known)]
    return labels


def cosine_distances(embeddings: Floats) -> Distances:
    similarities = np.clip(embeddings @ embeddings.T, -1, 1).astype(np.float64)
    distances: Distances = 1 - (similarities + similarities.T) / 2
    return distances


def cluster(distances: Distances, max_distance: float) -> Labels:
    """A label from 0 up for each; groups are joined while they are closer on average."""
    if len(distances) < 2:
        return np.zeros(len(distances), dtype=int)
    return cut_merges(join_by_average(np.maximum(distances, 0)), max_distance) - 1


def _nearest(pieces: list[Piece], index: int, known: Labels) -> int:
    """The known piece that is nearest in time, of the same voice if there is one."""
    mine = pieces[index]
    candidates: list[int] = known.tolist()
    same = [at for at in candidates if pieces[at].voice == mine.voice]
    return min(same or candidates, key=lambda at: abs(pieces[at].middle - mine.middle))
