"""A wider search for what was said, over several tellings of the same speech.

Greedy decoding keeps the likeliest token at each step and cannot take it back. Where it ended up
unsure, a few hypotheses are kept side by side (a beam), and each next token is chosen by what the
decoder makes of the speech as it is, a little slower and a little faster: what is only heard at one
speed is mostly not what was said.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from earshot.audio.waveform import Samples
from earshot.recognition.engines.moonshine_decoder import DecoderBatch, EncodedSegment
from earshot.recognition.repetition import REPETITION_WINDOW_TOKENS, find_repetition

START_TOKEN = 1
END_TOKEN = 2
OTHER_SPEEDS = (0.95, 1.05)
BEAM_SIZE = 3
# The sum of log-probabilities is divided by this power of the length: 0 prefers short hypotheses.
LENGTH_POWER = 0.8
# A hypothesis that has not ended may still gain on one that has, but hardly more than as if it
# ended after this many sure tokens.
HOPED_TOKENS = 3

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]


def tell_at_other_speeds(samples: Samples) -> list[Samples]:
    """The speech at each of OTHER_SPEEDS."""
    return [_at_speed(samples, speed) for speed in OTHER_SPEEDS]


def _at_speed(samples: Samples, speed: float) -> Samples:
    if not len(samples):
        return samples
    places = np.arange(0, len(samples), speed)
    told: Samples = np.interp(places, np.arange(len(samples)), samples).astype(np.float32)
    return told


@dataclass(slots=True)
class _Beam:
    """The hypotheses of one segment: those that go on, with their scores, and those that ended."""

    max_tokens: int
    running: list[list[int]] = field(default_factory=lambda: [[]])
    scores: list[float] = field(default_factory=lambda: [0.0])
    ended: list[tuple[float, list[int]]] = field(default_factory=list)
    is_done: bool = False

    def advance(self, logprobs: Floats) -> tuple[list[int], list[int]]:
        """Take the next tokens; returns, for each hypothesis that goes on, its origin and token.

        `logprobs` are (n_running, n_tokens).
        """
        totals = (np.array(self.scores)[:, None] + logprobs).ravel()
        n_tokens = logprobs.shape[1]
        likeliest = np.argpartition(-totals, 2 * BEAM_SIZE)[: 2 * BEAM_SIZE]
        origins: list[int] = []
        running: list[list[int]] = []
        scores: list[float] = []
        for rank, place in enumerate(likeliest[np.argsort(-totals[likeliest])].tolist()):
            origin, token = divmod(place, n_tokens)
            tokens = [*self.running[origin], token]
            if token == END_TOKEN:
                if rank < BEAM_SIZE:
                    self.ended.append((_normalised(totals[place], len(tokens)), tokens))
            elif len(running) < BEAM_SIZE and not _loops(tokens):
                origins.append(origin)
                running.append(tokens)
                scores.append(float(totals[place]))
        self.running, self.scores = running, scores
        self.is_done = self._is_decided()
        return origins, [tokens[-1] for tokens in running]

    def _is_decided(self) -> bool:
        if not self.running or len(self.running[0]) >= self.max_tokens:
            return True
        if not self.ended:
            return False
        hoped = _normalised(self.scores[0], len(self.running[0]) + HOPED_TOKENS)
        return len(self.ended) >= BEAM_SIZE or max(self.ended)[0] >= hoped

    def best(self) -> list[int]:
        """The tokens of the best hypothesis; none where every one ended in a loop."""
        if self.ended:
            return max(self.ended)[1]
        return self.running[0] if self.running else []


def _normalised(score: float, n_tokens: int) -> float:
    return score / float(n_tokens**LENGTH_POWER)


def _loops(tokens: Sequence[int]) -> bool:
    return find_repetition(tokens[-REPETITION_WINDOW_TOKENS:]) is not None


def search_tokens(
    session: ort.InferenceSession, tellings: Sequence[EncodedSegment], max_tokens: int
) -> list[int]:
    """The likeliest tokens of one segment, the end token included where it came to one.

    `tellings` are the same speech told in several ways. One row of the batch for each telling of
    each hypothesis: 9 rows of 20 s take 50 MB, so segments are searched one by one.
    """
    beam = _Beam(max_tokens)
    batch = DecoderBatch(session, [*tellings] * BEAM_SIZE, max_tokens)
    tokens = np.full(BEAM_SIZE, START_TOKEN)
    while True:
        scores = batch.step(np.repeat(tokens, len(tellings)))
        # A row's normalisation is the same for all of its tokens, so the mean may be taken first.
        told = scores.reshape(BEAM_SIZE, len(tellings), -1).mean(axis=1)
        origins, next_tokens = beam.advance(_logprobs(told[: len(beam.running)]))
        if beam.is_done:
            return beam.best()
        n_idle = BEAM_SIZE - len(origins)  # rows without a hypothesis go on with anything
        origins, tokens = [*origins, *[0] * n_idle], np.array([*next_tokens, *[END_TOKEN] * n_idle])
        batch.reorder(np.repeat(origins, len(tellings)) * len(tellings) + _repeated(len(tellings)))


def _repeated(n_tellings: int) -> Rows:
    return np.tile(np.arange(n_tellings), BEAM_SIZE)


def _logprobs(scores: Floats) -> Floats:
    """Log-probabilities from scores, both (n_rows, n_tokens)."""
    best = scores.max(axis=1, keepdims=True)
    logprobs: Floats = scores - best - np.log(np.exp(scores - best).sum(axis=1, keepdims=True))
    return logprobs
