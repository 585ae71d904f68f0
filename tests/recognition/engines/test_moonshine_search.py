import numpy as np
import onnxruntime as ort
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.models.store import ModelStore
from earshot.recognition.engines.moonshine_decoder import DecoderBatch, EncodedSegment
from earshot.recognition.engines.moonshine_search import (
    END_TOKEN,
    START_TOKEN,
    search_tokens,
    tell_at_other_speeds,
)
from earshot.recognition.engines.moonshine_sessions import open_decoder
from earshot.recognition.engines.moonshine_weights import HEAD_SIZE, N_HEADS, N_LAYERS
from earshot.testing import tone


@pytest.fixture(scope="module")
def session(models: ModelStore) -> ort.InferenceSession:
    return open_decoder(models, "moonshine")


def segment(n_frames: int, seed: int) -> EncodedSegment:
    rng = np.random.default_rng(seed)
    keys = rng.normal(size=(N_LAYERS, N_HEADS, HEAD_SIZE, n_frames)).astype(np.float32)
    values = rng.normal(size=(N_LAYERS, N_HEADS, n_frames, HEAD_SIZE)).astype(np.float32)
    return EncodedSegment(list(keys), list(values))


def score(session: ort.InferenceSession, telling: EncodedSegment, tokens: list[int]) -> float:
    logits = DecoderBatch(session, [telling], len(tokens)).give(
        np.array([[START_TOKEN, *tokens[:-1]]])
    )[0]
    logprobs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return float(logprobs[np.arange(len(tokens)), tokens].sum())


def greedy(session: ort.InferenceSession, telling: EncodedSegment, n_tokens: int) -> list[int]:
    batch = DecoderBatch(session, [telling], n_tokens)
    tokens = [START_TOKEN]
    for _ in range(n_tokens):
        tokens.append(int(batch.step(np.array(tokens[-1:]))[0].argmax()))
    return tokens[1:]


def test_a_search_finds_tokens_at_least_as_likely_as_the_greedy_ones(
    session: ort.InferenceSession,
) -> None:
    for seed in range(4):
        telling = segment(40, seed)
        found = search_tokens(session, [telling], max_tokens=4)
        if END_TOKEN not in found:
            plain = greedy(session, telling, len(found))
            assert score(session, telling, found) >= score(session, telling, plain) - 0.1


def test_the_same_speech_told_twice_gives_the_same_tokens(session: ort.InferenceSession) -> None:
    telling = segment(40, 5)
    once = search_tokens(session, [telling], max_tokens=6)
    assert search_tokens(session, [telling, telling], max_tokens=6) == once


def test_a_search_ends_at_the_most_tokens_allowed_or_at_the_end_token(
    session: ort.InferenceSession,
) -> None:
    for seed in range(4):
        found = search_tokens(session, [segment(30, seed), segment(33, seed)], max_tokens=5)
        assert 1 <= len(found) <= 5
        assert END_TOKEN not in found[:-1]


@given(st.integers(1, 5000))
def test_other_speeds_tell_the_same_samples_in_more_or_less_time(n_samples: int) -> None:
    slower, faster = tell_at_other_speeds(np.full(n_samples, 0.5, dtype=np.float32))
    assert len(faster) <= n_samples <= len(slower)
    assert {*slower.tolist(), *faster.tolist()} == {0.5}


def test_nothing_told_at_another_speed_is_nothing() -> None:
    assert [len(told) for told in tell_at_other_speeds(np.zeros(0, dtype=np.float32))] == [0, 0]


def test_a_slower_telling_lowers_the_pitch() -> None:
    slower, faster = tell_at_other_speeds(tone(1000, frequency_hz=200.0))
    crossings = [int(np.sum(np.diff(np.sign(told)) != 0)) / len(told) for told in (slower, faster)]
    assert crossings[0] < crossings[1]
