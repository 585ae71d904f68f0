"""Who said each word: speakers' stretches of time, and words that were heard by another model.

The two models disagree by a few hundred milliseconds about where a turn ends, and a word that
crosses the line, or a sentence with one word on the other side of it, would be torn. So the
speakers of all words are chosen together: each word votes, with its length, for who speaks during
it, and a change of speakers costs more inside a sentence than where its end, or a pause, makes room
for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earshot.diarization.diarizer import Stretch
from earshot.diarization.speakers import Speaker
from earshot.transcript.punctuation import CLOSERS, SENTENCE_MARKS
from earshot.transcript.words import Word

Votes = npt.NDArray[np.float64]  # (n_words, n_speakers), in ms


@dataclass(frozen=True, slots=True)
class AttributionPolicy:
    """What it costs to change speakers between two words, in ms of speech that say otherwise.

    It is `in_sentence_ms`, or `after_sentence_ms` after the end of one; each ms of a pause makes it
    `pause_weight` cheaper, down to what it is after a sentence. A word votes with `max_vote_ms` at
    most: a drawn-out word is no better a witness. A word in nobody's stretch votes against those
    who are further away than the nearest one, by up to `max_distance_ms`.
    """

    in_sentence_ms: int = 500
    after_sentence_ms: int = 50
    pause_weight: float = 0.3
    max_vote_ms: int = 500
    max_distance_ms: int = 400


DEFAULT_ATTRIBUTION_POLICY = AttributionPolicy()


def attribute_speakers(
    words: Sequence[Word],
    speakers: Sequence[Speaker],
    policy: AttributionPolicy = DEFAULT_ATTRIBUTION_POLICY,
) -> list[int]:
    """For each word the index of its speaker in `speakers`; 0 for all where there are none.

    `words` are of one channel, in temporal order, as they were recognised: punctuated, if their
    engine punctuates. Every word gets a speaker, in nobody's stretch too.
    """
    if not words or len(speakers) < 2:
        return [0] * len(words)
    votes = _votes(words, speakers, policy)
    costs_ms = [_change_cost_ms(words, index, policy) for index in range(1, len(words))]
    return _best_path(votes, costs_ms)


def _votes(words: Sequence[Word], speakers: Sequence[Speaker], policy: AttributionPolicy) -> Votes:
    starts_ms = np.array([word.start_ms for word in words])
    ends_ms = np.array([max(word.end_ms, word.start_ms + 1) for word in words])
    votes = np.empty((len(words), len(speakers)))
    for index, speaker in enumerate(speakers):
        votes[:, index] = _spoken_ms(speaker.stretches, starts_ms, ends_ms)
    votes *= np.minimum(1.0, policy.max_vote_ms / (ends_ms - starts_ms))[:, None]
    unclaimed = ~votes.any(axis=1)
    for index, speaker in enumerate(speakers):
        votes[unclaimed, index] = -np.minimum(
            _distance_ms(speaker.stretches, starts_ms[unclaimed], ends_ms[unclaimed]),
            policy.max_distance_ms,
        )
    return votes


def _spoken_ms(
    stretches: Sequence[Stretch], starts_ms: npt.NDArray[np.int_], ends_ms: npt.NDArray[np.int_]
) -> npt.NDArray[np.float64]:
    """How much of each of the spans lies within the stretches, which are in order and disjoint."""
    bounds = np.array([edge for s in stretches for edge in (s.start_ms, s.end_ms)])
    lengths = np.array([length for s in stretches for length in (s.duration_ms, 0)])
    before = np.concatenate([[0], np.cumsum(lengths)])  # spoken up to each of the bounds

    until_end = np.interp(ends_ms, bounds, before[:-1])
    until_start = np.interp(starts_ms, bounds, before[:-1])
    spoken: npt.NDArray[np.float64] = until_end - until_start
    return spoken


def _distance_ms(
    stretches: Sequence[Stretch], starts_ms: npt.NDArray[np.int_], ends_ms: npt.NDArray[np.int_]
) -> npt.NDArray[np.int_]:
    """How far each of the spans, which are in none of the stretches, is from the nearest one."""
    firsts = np.array([s.start_ms for s in stretches])
    lasts = np.array([s.end_ms for s in stretches])
    following = np.searchsorted(firsts, ends_ms)
    far = np.iinfo(np.int64).max // 2
    until = np.append(firsts, far)[following] - ends_ms
    since = starts_ms - np.concatenate([[-far], lasts])[following]
    nearest: npt.NDArray[np.int_] = np.minimum(until, since)
    return nearest


def _change_cost_ms(words: Sequence[Word], index: int, policy: AttributionPolicy) -> float:
    """What it costs to change speakers before the word at `index`."""
    before, after = words[index - 1], words[index]
    if before.text.rstrip(CLOSERS).endswith(SENTENCE_MARKS):
        return policy.after_sentence_ms
    pause_ms = max(0, after.start_ms - before.end_ms)
    return max(policy.after_sentence_ms, policy.in_sentence_ms - policy.pause_weight * pause_ms)


def _best_path(votes: Votes, costs_ms: Sequence[float]) -> list[int]:
    """The speaker of each word, so that votes less the costs of changes are the most (Viterbi)."""
    best = votes[0]
    origins = np.empty(votes.shape, dtype=int)
    stay = np.arange(votes.shape[1])
    for index in range(1, len(votes)):
        leader = int(np.argmax(best))
        changes = best[leader] - costs_ms[index - 1] > best
        origins[index] = np.where(changes, leader, stay)
        best = np.where(changes, best[leader] - costs_ms[index - 1], best) + votes[index]
    path = [int(np.argmax(best))]
    for index in range(len(votes) - 1, 0, -1):
        path.append(int(origins[index, path[-1]]))
    return path[::-1]
