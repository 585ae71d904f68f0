"""One segment's tokens as the decoder chose them, and what its scores say of them."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from earshot.recognition.repetition import REPETITION_WINDOW_TOKENS, find_repetition

END_TOKEN = 2

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(slots=True)
class Hypothesis:
    """The tokens of one segment so far, their log-probabilities and their attention rows.

    Their mean is told as `least_logprob` at least: that of another answer to the same speech.
    """

    max_tokens: int
    n_frames: int
    least_logprob: float = float("-inf")
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    attention: list[Floats] = field(default_factory=list)  # each (n_layers, n_heads, n_frames)
    watched: list[Floats] = field(default_factory=list)  # log-probabilities of a bias's tokens
    marks: list[Floats] = field(default_factory=list)  # the same of the tokens of all marks
    is_repetitive: bool = False
    is_done: bool = False

    @property
    def mean_logprob(self) -> float:
        if not self.logprobs:
            return float("-inf")
        return max(self.least_logprob, sum(self.logprobs) / len(self.logprobs))

    def add(
        self, token: int, logprob: float, attention: Floats, watched: Floats, marks: Floats
    ) -> None:
        """Take the next token; cuts a loop down to its first round."""
        self.tokens.append(int(token))
        self.logprobs.append(float(logprob))
        self.attention.append(attention[..., : self.n_frames])
        self.watched.append(watched)
        self.marks.append(marks)
        if token == END_TOKEN or len(self.tokens) >= self.max_tokens:
            self.is_done = True
            return
        keep = find_repetition(self.tokens[-REPETITION_WINDOW_TOKENS:])
        if keep is None:
            return
        n_dropped = min(len(self.tokens), REPETITION_WINDOW_TOKENS) - keep
        for values in (self.tokens, self.logprobs, self.attention, self.watched, self.marks):
            del values[-n_dropped:]
        self.is_repetitive = self.is_done = True


def pick(logits: Floats) -> tuple[Ints, Floats]:
    """The likeliest token of each row and its log-probability, both (n_rows,)."""
    tokens = logits.argmax(axis=1)
    # Beneath the best one; 32,768 a row, in one array, not in two.
    relative = logits - logits[np.arange(len(tokens)), tokens][:, None]
    logprobs: Floats = -np.log(np.exp(relative, out=relative).sum(axis=1))
    return tokens, logprobs


def logprobs_of_tokens(logits: Floats, tokens: Ints) -> Floats:
    """The log-probability of each token, (n_tokens,), from logits (n_tokens, n_in_vocabulary)."""
    best = logits.max(axis=1)
    total = best + np.log(np.exp(logits - best[:, None]).sum(axis=1))
    chosen: Floats = logits[np.arange(len(tokens)), tokens] - total
    return chosen


def logprobs_of_columns(columns: Ints, logits: Floats, tokens: Ints, logprobs: Floats) -> Floats:
    """The log-probabilities of some tokens, (n_rows, n_columns); those of `tokens` are known."""
    total = logits[np.arange(len(tokens)), tokens] - logprobs
    chosen: Floats = logits[:, columns] - total[:, None]
    return chosen
