import numpy as np
import onnxruntime as ort
import pytest

from earshot.models.store import ModelStore
from earshot.recognition.engines.moonshine_decoder import DecoderBatch, EncodedSegment
from earshot.recognition.engines.moonshine_decoder_graph import ATTENTION_LAYERS
from earshot.recognition.engines.moonshine_sessions import open_decoder
from earshot.recognition.engines.moonshine_weights import HEAD_SIZE, N_HEADS, N_LAYERS

TOKENS = np.array([[1, 400, 300, 29_900], [1, 410, 290, 263]])


@pytest.fixture(scope="module")
def session(models: ModelStore) -> ort.InferenceSession:
    return open_decoder(models, "moonshine")


def segment(n_frames: int, seed: int) -> EncodedSegment:
    rng = np.random.default_rng(seed)
    shape = (N_LAYERS, 2, N_HEADS, n_frames, HEAD_SIZE)
    return EncodedSegment(rng.normal(size=shape).astype(np.float32))


def test_tokens_given_together_score_as_they_do_one_by_one(session: ort.InferenceSession) -> None:
    segments = [segment(40, 0), segment(30, 1)]
    together = DecoderBatch(session, segments, capacity=4).give(TOKENS)
    batch = DecoderBatch(session, segments, capacity=4)
    for place in range(TOKENS.shape[1]):
        scores = batch.step(TOKENS[:, place])
        assert np.abs(scores - together[:, place]).max() < 0.05 * np.abs(scores).max()
        assert np.array_equal(scores.argmax(axis=1), together[:, place].argmax(axis=1))


def test_tokens_given_together_later_score_as_they_do_one_by_one(
    session: ort.InferenceSession,
) -> None:
    one_by_one = DecoderBatch(session, [segment(40, 0)], capacity=4)
    scores = [one_by_one.step(TOKENS[:1, place])[0].copy() for place in range(TOKENS.shape[1])]
    batch = DecoderBatch(session, [segment(40, 0)], capacity=4)
    batch.give(TOKENS[:1, :2])
    batch.give(np.array([[5, 6]]))
    batch.rewind(2)
    later = batch.give(TOKENS[:1, 2:])[0]
    for found, wanted in zip(later, scores[2:], strict=True):
        assert np.abs(found - wanted).max() < 0.05 * np.abs(wanted).max()
        assert found.argmax() == wanted.argmax()


def test_a_row_does_not_depend_on_what_shares_the_batch(session: ort.InferenceSession) -> None:
    short, long = segment(30, 1), segment(70, 2)
    alone = DecoderBatch(session, [short], capacity=4)
    both = DecoderBatch(session, [long, short], capacity=4)
    for place in range(TOKENS.shape[1]):
        tokens = TOKENS[:, place]
        one, two = alone.step(tokens[1:])[0], both.step(tokens)[1]
        assert np.abs(one - two).max() < 1e-3


@pytest.mark.parametrize("rows", [[1], [1, 2], [0, 2]], ids=str)
def test_rows_that_are_kept_go_on_as_before(session: ort.InferenceSession, rows: list[int]) -> None:
    segments = [segment(40, 0), segment(30, 1), segment(35, 2)]
    tokens = np.array([[1, 400, 300, 29_900], [1, 410, 290, 263], [1, 290, 410, 400]])
    shrinking = DecoderBatch(session, segments, capacity=4)
    whole = DecoderBatch(session, segments, capacity=4)
    for batch in (shrinking, whole):
        batch.step(tokens[:, 0])
        batch.step(tokens[:, 1])
    shrinking.keep(np.array(rows))
    for place in (2, 3):
        kept = shrinking.step(tokens[rows, place])
        assert np.abs(kept - whole.step(tokens[:, place])[rows]).max() < 1e-3


def test_nobody_attends_to_padding_and_attention_adds_up_to_one(
    session: ort.InferenceSession,
) -> None:
    batch = DecoderBatch(session, [segment(40, 0), segment(30, 1)], capacity=4)
    batch.step(TOKENS[:, 0])
    attention = batch.attention()
    assert attention.shape == (2, len(ATTENTION_LAYERS), N_HEADS, 1, 40)
    assert np.allclose(attention.sum(axis=-1), 1.0, atol=1e-5)
    assert not attention[1, ..., 30:].any()
