from itertools import combinations_with_replacement, pairwise

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from earshot.recognition.alignment import token_boundaries


def attention_to(frames_by_token: list[range], n_frames: int) -> npt.NDArray[np.float32]:
    """Attention of one layer and two heads in which each token looks at its own frames only."""
    attention = np.zeros((1, 2, len(frames_by_token), n_frames), dtype=np.float32)
    for token, frames in enumerate(frames_by_token):
        attention[:, :, token, frames.start : frames.stop] = 1 / len(frames)
    return attention


@st.composite
def random_attention(
    draw: st.DrawFn, max_tokens: int = 8, max_frames: int = 12
) -> npt.NDArray[np.float32]:
    n_tokens, n_frames = draw(st.integers(1, max_tokens)), draw(st.integers(1, max_frames))
    seed = draw(st.integers(0, 2**32 - 1))
    weights = np.random.default_rng(seed).random((2, 3, n_tokens, n_frames))
    attention: npt.NDArray[np.float32] = weights / weights.sum(axis=-1, keepdims=True)
    return attention.astype(np.float32)


def test_a_diagonal_attention_gives_the_diagonal() -> None:
    boundaries = token_boundaries(attention_to([range(i, i + 1) for i in range(6)], 6))
    assert boundaries.tolist() == [[i, i + 1] for i in range(6)]


def test_tokens_of_unlike_length_get_the_frames_that_they_look_at() -> None:
    boundaries = token_boundaries(attention_to([range(3), range(3, 4), range(4, 9)], 9))
    assert boundaries.tolist() == [[0, 3], [3, 4], [4, 9]]


def test_a_lone_token_gets_every_frame() -> None:
    assert token_boundaries(attention_to([range(2, 3)], 7)).tolist() == [[0, 7]]


def test_more_tokens_than_frames_still_all_lie_inside() -> None:
    boundaries = token_boundaries(attention_to([range(1)] * 5, 1))
    assert boundaries[:, 0].tolist() == [0] * 5
    assert boundaries[-1, 1] == 1


def test_an_even_attention_says_nothing_and_is_no_error() -> None:
    boundaries = token_boundaries(np.full((1, 1, 3, 4), 0.25, dtype=np.float32))
    assert boundaries.shape == (3, 2)


@given(random_attention())
def test_boundaries_never_run_backwards_and_stay_inside_the_frames(
    attention: npt.NDArray[np.float32],
) -> None:
    boundaries = token_boundaries(attention)
    starts, ends = boundaries[:, 0], boundaries[:, 1]
    assert boundaries.shape == (attention.shape[2], 2)
    assert starts[0] == 0
    assert ends[-1] == attention.shape[3]
    assert np.array_equal(ends[:-1], starts[1:])
    assert (starts <= ends).all()


@given(random_attention(max_tokens=5, max_frames=7))
def test_no_other_monotonic_path_follows_the_attention_more_closely(
    attention: npt.NDArray[np.float32],
) -> None:
    n_tokens, n_frames = attention.shape[2:]
    spread = np.maximum(attention.std(axis=2, keepdims=True), 1e-9)
    weights = ((attention - attention.mean(axis=2, keepdims=True)) / spread).mean(axis=(0, 1))

    def followed(firsts: list[int]) -> float:
        """The most weight along a path that enters each token at its first frame."""
        total = float(weights[-1, firsts[-1] :].sum())
        for token, (first, end) in enumerate(pairwise(firsts)):
            # The frame where the next token begins may be shared, and must be if it is the first.
            shared = float(weights[token, end])
            total += float(weights[token, first:end].sum())
            total += shared if first == end else max(0.0, shared)
        return total

    others = combinations_with_replacement(range(n_frames), n_tokens - 1)
    best = max(followed([0, *firsts]) for firsts in others)
    assert followed(token_boundaries(attention)[:, 0].astype(int).tolist()) >= best - 1e-3
