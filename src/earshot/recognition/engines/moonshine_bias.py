"""A vocabulary in Moonshine's tokens, and hypotheses revised to hold its terms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import exp, inf, log1p
from typing import Protocol

import numpy as np
import numpy.typing as npt

from earshot.recognition.engines.moonshine_tokens import TokenTable
from earshot.recognition.vocabulary import (
    Replacement,
    VocabularyIndex,
    choose_replacements,
)
from earshot.transcript.options import Vocabulary
from earshot.transcript.words import Word

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

# Replacements that are scored per segment at most: each costs a tenth of decoding the segment.
MAX_ATTEMPTS = 2
# Replacements that may win by less than this at best are not scored: they hardly ever do.
MIN_BOUND = 2.0
MAX_TOKENS_AFTER = 4
# A certain token leaves another this much at most: float32 knows no probability nearer to 1.
MIN_RIVAL_LOGPROB = -16.0


class RevisedHypothesis(Protocol):
    """What is revised: the tokens of a segment, the end token among them where it has ended.

    `watched` holds, for each token, the log-probabilities of the tokens that a `TokenBias` watches.
    """

    tokens: list[int]
    logprobs: list[float]
    attention: list[Floats]
    watched: list[Floats]


@dataclass(frozen=True, slots=True)
class Forced:
    """What the decoder makes of tokens that it is given: as if it had chosen them itself."""

    logprobs: list[float]
    attention: list[Floats]


# (segment, tokens) of each row -> what the decoder makes of it
Force = Callable[[Sequence[tuple[int, list[int]]]], list[Forced]]


@dataclass(frozen=True, slots=True)
class _Attempt:
    segment: int
    replacement: Replacement
    tokens: list[int]  # up to a little past the replacement
    logprob_before: float  # of as much of the hypothesis as it is
    bound: float  # the most that it may win by: as if all after its first new token were certain


class TokenBias:
    """One vocabulary, ready for the hypotheses of any segment."""

    def __init__(self, index: VocabularyIndex, table: TokenTable) -> None:
        self.index = index
        self._table = table
        encoded = [table.encode(spelling.text) for spelling in index.spellings]
        # Every token of a term: while decoding, their log-probabilities are kept.
        self.watched: Ints = np.unique([token for tokens in encoded for token in tokens] or [0])
        self._column = {int(token): column for column, token in enumerate(self.watched)}
        self._first_columns = np.array(
            [self._column[tokens[0]] for tokens in encoded], dtype=np.intp
        )

    def revise(self, hypotheses: Sequence[RevisedHypothesis], force: Force) -> None:
        """Put terms in the place of words, in every hypothesis that loses little by it."""
        attempts = [
            attempt
            for segment, hypothesis in enumerate(hypotheses)
            for attempt in self._attempts(segment, hypothesis)
        ]
        if not attempts:
            return
        forced = force([(attempt.segment, attempt.tokens) for attempt in attempts])
        gains: dict[int, list[tuple[Replacement, float]]] = {}
        for attempt, result in zip(attempts, forced, strict=True):
            gain = sum(result.logprobs) - attempt.logprob_before
            gains.setdefault(attempt.segment, []).append((attempt.replacement, gain))
        revised = []
        for segment, candidates in gains.items():
            chosen = choose_replacements(candidates)
            if chosen:
                revised.append((segment, self._with(hypotheses[segment].tokens, chosen)))
        for (segment, tokens), result in zip(revised, force(revised), strict=True):
            hypothesis = hypotheses[segment]
            hypothesis.tokens = tokens
            hypothesis.logprobs, hypothesis.attention = result.logprobs, result.attention

    def respell(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """The words, with terms written as the caller writes them."""
        texts = self.index.respell([word.text for word in words])
        return tuple(replace(word, text=text) for word, text in zip(words, texts, strict=True))

    def _attempts(self, segment: int, hypothesis: RevisedHypothesis) -> list[_Attempt]:
        tokens, logprobs = hypothesis.tokens, hypothesis.logprobs
        groups = self._table.group_words(tokens)
        words = [self._table.spell(tokens[g.start : g.stop]) for g in groups]
        losses = [-sum(logprobs[g.start : g.stop]) for g in groups]
        watched = np.stack(hypothesis.watched)
        starts = watched[[g.start for g in groups]][:, self._first_columns]
        attempts = [
            self._attempt(segment, replacement, hypothesis, groups[replacement.end - 1].stop)
            for replacement in self.index.find_replacements(words, losses, starts)
        ]
        promising = [attempt for attempt in attempts if attempt.bound > MIN_BOUND]
        return sorted(promising, key=lambda attempt: -attempt.bound)[:MAX_ATTEMPTS]

    def _attempt(
        self, segment: int, replacement: Replacement, hypothesis: RevisedHypothesis, end: int
    ) -> _Attempt:
        """The hypothesis with the replacement, whose words ended before the token `end`."""
        tokens, logprobs = hypothesis.tokens, hypothesis.logprobs
        replaced = self._with(tokens, [replacement])
        common = zip(replaced, tokens, strict=False)
        at = next((place for place, (new, old) in enumerate(common) if new != old), None)
        bound = -inf
        if at is not None:
            column = self._column.get(replaced[at])
            rival = _rival_logprob(logprobs[at])
            if column is not None:
                rival = float(hypothesis.watched[at][column])
            bound = rival - sum(logprobs[at:end]) + replacement.bonus
        # The replacement and a few tokens more: what is further on cares little.
        n_after = max(0, len(tokens) - end - MAX_TOKENS_AFTER)
        before = sum(logprobs[: len(tokens) - n_after])
        return _Attempt(segment, replacement, replaced[: len(replaced) - n_after], before, bound)

    def _with(self, tokens: list[int], replacements: Sequence[Replacement]) -> list[int]:
        groups = self._table.group_words(tokens)
        replaced = list(tokens)
        for replacement in reversed(replacements):
            start, end = groups[replacement.first].start, groups[replacement.end - 1].stop
            ending = [t for t in tokens[start:end] if not self._table.pieces[t]]  # the end token
            replaced[start:end] = [*self._table.encode(replacement.text), *ending]
        return replaced


def _rival_logprob(logprob: float) -> float:
    """The most that any other token can have got."""
    return max(MIN_RIVAL_LOGPROB, log1p(-min(exp(logprob), 1 - 1e-9)))


@lru_cache(maxsize=16)
def bias_tokens(vocabulary: Vocabulary, table: TokenTable) -> TokenBias:
    """The bias of that vocabulary, made once."""
    return TokenBias(VocabularyIndex(vocabulary), table)
