"""Which tracks are one speaker: those whose voices sound alike."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from earshot.diarization.diarizer import Embedding, Stretch, Track
from earshot.diarization.linkage import Distances, Labels, cut_merges, join_by_average
from earshot.diarization.speakers import Speaker
from earshot.transcript.options import SpeakerOptions

MINUTE_MS = 60_000
# How many speakers are looked for at most, by duration, where the caller does not say: "0-2 min: no
# limit, 2-10 min: 10, 10+ min: 30". A recording without a limit has one for us, for safety.
LIMITS = ((2 * MINUTE_MS, 30), (10 * MINUTE_MS, 10))
LIMIT = 30
# How far the tree is cut in search of speakers, as a multiple of how many are asked for.
MOST_GROUPS = 5
# A round of joining voices in parts that leaves more of them than this did little: the next one
# joins those that are further apart, by a step.
MOST_LEFT = 0.9
DISTANCE_STEP = 0.1


@dataclass(frozen=True, slots=True)
class GroupingPolicy:
    """When tracks are one speaker.

    They are where their embeddings are closer than `max_distance`, on average; those of little
    speech are less exact, so they may be further apart, by up to `slack`, of which a third is left
    at `slack_ms`. Two that speak at the same time are further apart, by up to `overlap_penalty`.
    Only tracks with `sure_ms` of clean speech tell how many speakers there are, and only those with
    `speaker_ms` in all are speakers; the others come to the nearest. More than `n_at_once` tracks
    are first grouped in parts, where those closer than `part_distance` are one, or further apart
    where that leaves too many.
    """

    max_distance: float = 0.55
    slack: float = 0.1
    slack_ms: int = 3000
    overlap_penalty: float = 0.3
    sure_ms: int = 800
    speaker_ms: int = 1500
    n_at_once: int = 1500
    part_distance: float = 0.4


DEFAULT_GROUPING_POLICY = GroupingPolicy()


@dataclass(frozen=True, slots=True)
class _Voice:
    """Tracks that are one speaker: their stretches, and the mean of their embeddings."""

    stretches: tuple[Stretch, ...]
    embedding: Embedding | None
    clean_ms: int
    spoken_ms: int = field(init=False)

    def __post_init__(self) -> None:
        # Asked for with every pair: of a speaker of ten hours it is the sum of thousands.
        spoken_ms = sum(stretch.duration_ms for stretch in self.stretches)
        object.__setattr__(self, "spoken_ms", spoken_ms)

    @property
    def key(self) -> tuple[object, ...]:
        """What puts voices into an order that does not depend on how they came."""
        spans = tuple((s.start_ms, s.end_ms) for s in self.stretches)
        values = () if self.embedding is None else tuple(self.embedding.tolist())
        return spans, self.clean_ms, values


def group_tracks(
    tracks: Sequence[Track],
    options: SpeakerOptions,
    duration_ms: int,
    policy: GroupingPolicy = DEFAULT_GROUPING_POLICY,
) -> list[Speaker]:
    """The speakers of the tracks, in order of their first word; every track belongs to one.

    The order of the tracks does not matter. `duration_ms` is the recording's.
    """
    voices = sorted(
        (_Voice(_joined(t.stretches), t.embedding, t.clean_ms) for t in tracks if t.stretches),
        key=lambda voice: voice.key,
    )
    sure = [v for v in voices if v.embedding is not None and v.clean_ms >= policy.sure_ms]
    if not sure:
        sure = [v for v in voices if v.embedding is not None] or voices[:1]
    known = {id(voice) for voice in sure}
    unsure = [voice for voice in voices if id(voice) not in known]
    speakers = _group(_reduce(sure, policy), options, duration_ms, policy)
    speakers = _attach(unsure, speakers, policy)
    found = [Speaker(voice.stretches, voice.embedding) for voice in speakers]
    return sorted(found, key=lambda speaker: speaker.stretches[0].start_ms)


def _reduce(voices: list[_Voice], policy: GroupingPolicy) -> list[_Voice]:
    """The same voices with those that are surely one joined, until they are few enough.

    Where hardly any are, the next nearest are joined: memory grows with the square of how many.
    """
    size = max(2, policy.n_at_once // 2)
    distance = policy.part_distance
    while len(voices) > policy.n_at_once:
        parts = [voices[at : at + size] for at in range(0, len(voices), size)]
        joined = [voice for part in parts for voice in _join_close(part, distance, policy)]
        if len(joined) > MOST_LEFT * len(voices):
            distance += DISTANCE_STEP
        voices = sorted(joined, key=lambda voice: voice.key)
    return voices


def _join_close(
    voices: Sequence[_Voice], max_distance: float, policy: GroupingPolicy
) -> list[_Voice]:
    if len(voices) < 2:
        return list(voices)
    merges = join_by_average(_distances(voices, policy))
    n_groups = len(voices) - int((merges[:, 2] <= max_distance).sum())
    return _merge_groups(voices, _cut_tree(merges, n_groups))


def _group(
    voices: list[_Voice], options: SpeakerOptions, duration_ms: int, policy: GroupingPolicy
) -> list[_Voice]:
    if len(voices) < 2 or voices[0].embedding is None:
        return voices
    merges = join_by_average(_distances(voices, policy))
    n_apart = len(voices) - int((merges[:, 2] <= policy.max_distance).sum())
    least, most = _limits(options, duration_ms)
    if n_apart > most:
        return _cut(voices, merges, most, policy)
    groups = _merge_groups(voices, _cut_tree(merges, n_apart))
    n_large = sum(group.clean_ms >= policy.speaker_ms for group in groups)
    return (
        _drop_small(groups, 1, policy) if n_large >= least else _cut(voices, merges, least, policy)
    )


def _limits(options: SpeakerOptions, duration_ms: int) -> tuple[int, int]:
    if options.expected is not None:
        return options.expected, options.expected
    limit = next((most for until_ms, most in LIMITS if duration_ms < until_ms), LIMIT)
    most = limit if options.maximum is None else options.maximum
    return options.minimum, max(most, options.minimum)


def _drop_small(groups: list[_Voice], least: int, policy: GroupingPolicy) -> list[_Voice]:
    """The groups with those that said too little to be a speaker given to the nearest."""
    by_size = sorted(groups, key=lambda group: -group.clean_ms)
    large = [g for at, g in enumerate(by_size) if at < least or g.clean_ms >= policy.speaker_ms]
    large = large or by_size[:1]
    return _attach([g for g in groups if not any(g is one for one in large)], large, policy)


def _cut(
    voices: Sequence[_Voice], merges: Distances, n_speakers: int, policy: GroupingPolicy
) -> list[_Voice]:
    """So many speakers, or as many as there are voices.

    A stray track is no speaker as long as there are others: the tree is cut lower, until so many
    groups are large enough.
    """
    most = min(len(voices), MOST_GROUPS * n_speakers)
    for n_groups in range(min(n_speakers, len(voices)), most + 1):
        groups = _merge_groups(voices, _cut_tree(merges, n_groups))
        n_large = sum(group.clean_ms >= policy.speaker_ms for group in groups)
        if n_large >= n_speakers:
            return _drop_small(groups, n_speakers, policy)
    return _merge_groups(voices, _cut_tree(merges, min(n_speakers, len(voices))))


def _attach(
    voices: Iterable[_Voice], speakers: Sequence[_Voice], policy: GroupingPolicy
) -> list[_Voice]:
    """The speakers, each with the voices that are nearest to it."""
    groups = [[speaker] for speaker in speakers]
    for voice in voices:
        costs = [_attaching_cost(voice, speaker, policy) for speaker in speakers]
        groups[int(np.argmin(costs))].append(voice)
    return [_merge(group) for group in groups]


def _attaching_cost(voice: _Voice, speaker: _Voice, policy: GroupingPolicy) -> float:
    """How far apart the two sound; where that is unknown, how far apart they speak."""
    penalty = policy.overlap_penalty * _overlap(voice, speaker)
    if voice.embedding is not None and speaker.embedding is not None:
        return 1 - float(voice.embedding @ speaker.embedding) + penalty
    return _gap_ms(voice, speaker) / MINUTE_MS + penalty


def _gap_ms(voice: _Voice, speaker: _Voice) -> int:
    """How far the whole of the voice is from the nearest that the speaker says."""
    start_ms, end_ms = voice.stretches[0].start_ms, voice.stretches[-1].end_ms
    after = bisect_right(speaker.stretches, start_ms, key=_end_ms)
    near = speaker.stretches[max(0, after - 1) : after + 1]  # what ended before, and what did not
    return min(max(s.start_ms - end_ms, start_ms - s.end_ms, 0) for s in near)


def _merge_groups(voices: Sequence[_Voice], labels: Labels) -> list[_Voice]:
    return [
        _merge([voices[at] for at in np.flatnonzero(labels == label).tolist()])
        for label in np.unique(labels)
    ]


def _cut_tree(merges: Distances, n_groups: int) -> Labels:
    """The group of each voice, where so many are left apart."""
    n_merges = len(merges) + 1 - n_groups
    # Average linkage never falls, so a height between two merges separates them; those of equal
    # height are told apart by their order.
    heights = np.arange(len(merges), dtype=np.float64)
    ranked = merges.copy()
    ranked[:, 2] = heights
    return cut_merges(ranked, n_merges - 0.5)


def _merge(voices: Sequence[_Voice]) -> _Voice:
    stretches = _joined([stretch for voice in voices for stretch in voice.stretches])
    known = [(v.embedding, max(v.clean_ms, 1)) for v in voices if v.embedding is not None]
    embedding: Embedding | None = None
    if known:
        mean = sum(one * np.float32(weight) for one, weight in known)
        length = float(np.linalg.norm(mean))
        embedding = np.asarray(mean / length if length else known[0][0], dtype=np.float32)
    return _Voice(stretches, embedding, sum(voice.clean_ms for voice in voices))


def _distances(voices: Sequence[_Voice], policy: GroupingPolicy) -> Distances:
    """How far apart the voices are, (n_voices, n_voices): 0 the same, 1 unlike."""
    embeddings = np.array([voice.embedding for voice in voices], dtype=np.float64)
    distances: Distances = np.clip(1 - embeddings @ embeddings.T, 0, 2)
    clean_ms = np.array([voice.clean_ms for voice in voices], dtype=np.float64)
    shorter_ms = np.minimum(clean_ms[:, None], clean_ms[None, :])
    distances -= policy.slack * np.exp(-shorter_ms / policy.slack_ms)
    distances += policy.overlap_penalty * _overlaps(voices)
    np.fill_diagonal(distances, 0)
    return np.maximum(distances, 0)


def _overlaps(voices: Sequence[_Voice]) -> Distances:
    """As `_overlap`, of all pairs at once, (n_voices, n_voices); 0 of a voice with itself."""
    shared_ms = np.zeros((len(voices), len(voices)))
    spans = sorted((s.start_ms, s.end_ms, at) for at, v in enumerate(voices) for s in v.stretches)
    speaking: list[tuple[int, int]] = []  # until when, and who
    for start_ms, end_ms, index in spans:
        speaking = [(until_ms, other) for until_ms, other in speaking if until_ms > start_ms]
        for until_ms, other in speaking:
            shared_ms[index, other] += min(until_ms, end_ms) - start_ms
        speaking.append((end_ms, index))
    spoken_ms = np.array([voice.spoken_ms for voice in voices])
    least_ms = np.maximum(1, np.minimum(spoken_ms[:, None], spoken_ms[None, :]))
    overlaps: Distances = (shared_ms + shared_ms.T) / least_ms
    return overlaps


def _overlap(one: _Voice, other: _Voice) -> float:
    """The share of the one who speaks less that the other speaks too."""
    start_ms = max(one.stretches[0].start_ms, other.stretches[0].start_ms)
    at, other_at = (bisect_right(v.stretches, start_ms, key=_end_ms) for v in (one, other))
    shared_ms = 0
    while at < len(one.stretches) and other_at < len(other.stretches):
        mine, theirs = one.stretches[at], other.stretches[other_at]
        shared_ms += max(0, min(mine.end_ms, theirs.end_ms) - max(mine.start_ms, theirs.start_ms))
        if mine.end_ms <= theirs.end_ms:
            at += 1
        else:
            other_at += 1
    return shared_ms / max(1, min(one.spoken_ms, other.spoken_ms))


def _end_ms(stretch: Stretch) -> int:
    return stretch.end_ms


def _joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """The same time in order, those that touch as one."""
    spans: list[tuple[int, int]] = []
    for start_ms, end_ms in sorted((s.start_ms, s.end_ms) for s in stretches):
        if spans and start_ms <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], end_ms)
        else:
            spans.append((start_ms, end_ms))
    return tuple(Stretch(*span) for span in spans)
