"""Which speakers of a recording are people whose voices are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from earshot.diarization.diarizer import Embedding
from earshot.diarization.speakers import Speaker
from earshot.transcript.result import KnownSpeaker

Cosines = npt.NDArray[np.float64]  # (n_voices,), of one speaker with each


@dataclass(frozen=True, slots=True)
class KnownVoice:
    """A name, and what whoever bears it sounds like."""

    name: str
    embedding: Embedding


@dataclass(frozen=True, slots=True)
class MatchPolicy:
    """How alike a speaker and a known voice must be for the speaker to be named.

    Their cosine is `min_similarity` or more, and more by `min_margin` than that of any other known
    voice with the same speaker: where two would do, neither is taken.
    """

    min_similarity: float = 0.5
    min_margin: float = 0.1


DEFAULT_MATCH_POLICY = MatchPolicy()

# A logistic curve through the cosines of pairs of recordings, of one person and of two, both as
# likely. Half as steep as what benchmarks/known_voices.py fits: there, each person has one
# microphone.
CONFIDENCE_SLOPE = 20.0
CONFIDENCE_MIDDLE = 0.4


def recognize_speakers(
    speakers: Mapping[str, Speaker],
    known: Sequence[KnownVoice],
    policy: MatchPolicy = DEFAULT_MATCH_POLICY,
) -> list[KnownSpeaker]:
    """Those of the labelled speakers whose voices are known, each by another name.

    The speakers are those of one channel: on another one, a name may be found again.
    """
    from scipy.optimize import linear_sum_assignment  # here, for it takes long to import

    heard = {
        label: speaker.embedding
        for label, speaker in speakers.items()
        if speaker.embedding is not None
    }
    if not heard or not known:
        return []
    cosines = np.array(
        [[similarity(one, voice.embedding) for voice in known] for one in heard.values()]
    )
    # What is no match must not decide who gets which of the names.
    matches = np.where(cosines >= policy.min_similarity, cosines, 0.0)
    rows, columns = linear_sum_assignment(matches, maximize=True)
    labels = list(heard)
    return [
        KnownSpeaker(labels[row], known[column].name, _confidence(cosines[row, column]))
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if _is_clear(cosines[row], column, policy)
    ]


def similarity(one: Embedding, other: Embedding) -> float:
    """The cosine of two embeddings, which are of length 1."""
    return float(np.dot(one, other))


def join_embeddings(one: Embedding, one_ms: int, other: Embedding, other_ms: int) -> Embedding:
    """What both sound like together, each weighted by how much of it was heard."""
    joined = one * float(one_ms) + other * float(other_ms)
    unit: Embedding = (joined / np.linalg.norm(joined)).astype(np.float32)
    return unit


def _is_clear(cosines: Cosines, voice: int, policy: MatchPolicy) -> bool:
    """Whether the speaker is that voice, and can be no other one."""
    margin = cosines[voice] - np.delete(cosines, voice).max(initial=-1.0)
    return bool(cosines[voice] >= policy.min_similarity and margin >= policy.min_margin)


def _confidence(cosine: float) -> float:
    """The probability that two voices of that cosine are one person's, if it was even before."""
    return float(1 / (1 + np.exp(-CONFIDENCE_SLOPE * (cosine - CONFIDENCE_MIDDLE))))
