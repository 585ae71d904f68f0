"""Token times from cross-attention, by dynamic time warping.

Source: arXiv:2212.04356 and openai/whisper, timing.py: normalise each head over the tokens, average
the heads, then find the cheapest monotonic path through tokens and frames.
"""

import numpy as np
import numpy.typing as npt

FloatMatrix = npt.NDArray[np.float64]


def token_boundaries(attention: npt.NDArray[np.float32]) -> FloatMatrix:
    """First and last frame (half-open) of each token, (n_tokens, 2), non-decreasing.

    `attention` is (n_layers, n_heads, n_tokens, n_frames).
    """
    spread = attention.std(axis=2, keepdims=True)
    normalised = (attention - attention.mean(axis=2, keepdims=True)) / np.maximum(spread, 1e-9)
    weights = normalised.mean(axis=(0, 1))  # (n_tokens, n_frames)
    first_frames = _first_frame_of_each_token(-weights.astype(np.float64))
    ends = np.append(first_frames[1:], attention.shape[-1])
    return np.stack([first_frames, ends], axis=1).astype(np.float64)


def _first_frame_of_each_token(cost: FloatMatrix) -> npt.NDArray[np.int64]:
    """The frame at which the cheapest monotonic path enters each token, (n_tokens,).

    The path starts at the first token and frame and ends at the last of both; a step moves on by
    one frame, by one token, or by both.
    """
    n_tokens, n_frames = cost.shape
    total = np.full((n_tokens + 1, n_frames + 1), np.inf)
    total[0, 0] = 0.0
    for token in range(1, n_tokens + 1):
        # Entering from the row above, by a diagonal or a vertical step ...
        entered = cost[token - 1] + np.minimum(total[token - 1, :-1], total[token - 1, 1:])
        # ... then staying in the row: a running minimum over the row's cumulated cost.
        cumulated = np.cumsum(cost[token - 1])
        total[token, 1:] = cumulated + np.minimum.accumulate(entered - cumulated)
    return _trace_back(total)


def _trace_back(total: FloatMatrix) -> npt.NDArray[np.int64]:
    token, frame = total.shape[0] - 1, total.shape[1] - 1
    first_frames = np.zeros(total.shape[0] - 1, dtype=np.int64)
    while token > 0 and frame > 0:
        first_frames[token - 1] = frame - 1
        diagonal, above, before = (
            total[token - 1, frame - 1],
            total[token - 1, frame],
            total[token, frame - 1],
        )
        if diagonal <= above and diagonal <= before:
            token, frame = token - 1, frame - 1
        elif above < before:
            token -= 1
        else:
            frame -= 1
    return first_frames
