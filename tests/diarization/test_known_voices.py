import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.diarization.diarizer import Embedding
from earshot.diarization.known_voices import (
    DEFAULT_MATCH_POLICY,
    KnownVoice,
    MatchPolicy,
    join_embeddings,
    recognize_speakers,
    similarity,
)
from earshot.diarization.speakers import Speaker
from earshot.transcript.result import KnownSpeaker

POLICY = MatchPolicy(min_similarity=0.5, min_margin=0.1)


def voice(maria: float, theodora: float) -> Embedding:
    """What is so much like the one and the other; the rest is like nobody."""
    rest = (1 - maria**2 - theodora**2) ** 0.5
    return np.array([maria, theodora, rest], dtype=np.float32)


KNOWN = [KnownVoice("Maria", voice(1, 0)), KnownVoice("Theodora", voice(0, 1))]


def speaker(maria: float, theodora: float = 0.0) -> Speaker:
    return Speaker((), voice(maria, theodora))


def names(**speakers: Speaker) -> dict[str, str]:
    """Who is recognised: label -> name."""
    return {one.speaker: one.name for one in recognize_speakers(speakers, KNOWN, POLICY)}


def test_a_speaker_gets_the_name_of_the_voice_that_is_alike() -> None:
    assert names(A=speaker(0.1, 0.9), B=speaker(0.8, 0.1)) == {"A": "Theodora", "B": "Maria"}


def test_who_is_like_nobody_has_no_name() -> None:
    assert names(A=speaker(0.49), B=speaker(-0.9)) == {}


def test_who_could_be_either_of_two_has_no_name() -> None:
    assert names(A=speaker(0.6, 0.55)) == {}
    assert names(A=speaker(0.7, 0.55)) == {"A": "Maria"}


def test_a_name_is_given_once_to_who_is_most_like_it() -> None:
    assert names(A=speaker(0.7), B=speaker(0.9), C=speaker(0.6)) == {"B": "Maria"}


def test_who_is_hardly_like_another_voice_does_not_lose_the_name_to_somebody_else() -> None:
    assert names(A=speaker(0.9, 0.3), B=speaker(0.8, -0.1)) == {"A": "Maria"}


def test_a_speaker_who_was_never_heard_alone_has_no_name() -> None:
    assert names(A=Speaker((), None)) == {}
    assert names(A=Speaker((), None), B=speaker(0.9)) == {"B": "Maria"}


def test_without_speakers_or_known_voices_nobody_is_recognised() -> None:
    assert recognize_speakers({}, KNOWN, POLICY) == []
    assert recognize_speakers({"A": speaker(1.0)}, [], POLICY) == []


def test_one_known_voice_needs_no_margin() -> None:
    assert recognize_speakers({"A": speaker(0.6)}, KNOWN[:1], POLICY) != []


def test_more_alike_is_more_certain_and_never_quite_certain() -> None:
    found = [recognize_speakers({"A": speaker(cosine)}, KNOWN)[0] for cosine in (0.7, 0.8, 0.99)]
    confidences = [one.confidence for one in found]
    assert confidences == sorted(confidences)
    assert 0.5 < confidences[0] < confidences[-1] < 1


def test_whoever_is_named_is_so_rather_than_not() -> None:
    least = DEFAULT_MATCH_POLICY.min_similarity + 1e-3
    (found,) = recognize_speakers({"A": speaker(least)}, KNOWN)
    assert isinstance(found, KnownSpeaker)
    assert found.confidence > 0.5


@given(st.integers(1, 10**8), st.integers(1, 10**8))
def test_a_joined_embedding_has_length_1_and_is_nearer_to_what_was_heard_longer(
    one_ms: int, other_ms: int
) -> None:
    one, other = voice(0.9, 0.1), voice(0.7, 0.2)
    joined = join_embeddings(one, one_ms, other, other_ms)
    assert joined.dtype == np.float32
    assert np.linalg.norm(joined) == pytest.approx(1, abs=1e-5)
    if one_ms > 2 * other_ms:
        assert similarity(joined, one) > similarity(joined, other)
