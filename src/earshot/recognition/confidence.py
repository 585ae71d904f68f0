"""Confidence that can be taken at its word: of words with 0.8, about four in five are right."""

from dataclasses import dataclass, replace
from math import exp, log

from earshot.transcript.words import Word

# Nothing is surer than this either way; a token's probability has no more digits that mean much.
LEAST_PROBABILITY = 1e-4
LEAST_LOGPROB = log(LEAST_PROBABILITY)


def log_odds(probability: float) -> float:
    bounded = min(max(probability, LEAST_PROBABILITY), 1 - LEAST_PROBABILITY)
    return log(bounded / (1 - bounded))


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic map from an engine's evidence to the probability that a word is right.

    The evidence is the probability of the word, a mean over its tokens, taken as log-odds, and the
    mean log-probability of the segment it was heard in: among doubtful words even a sure one is
    less often right. The weights are not negative, so that more evidence never lowers a confidence.
    """

    intercept: float
    word_weight: float
    segment_weight: float

    def probability(self, word_probability: float, segment_logprob: float) -> float:
        """The probability that the word is right, in (0, 1)."""
        logit = (
            self.intercept
            + self.word_weight * log_odds(word_probability)
            + self.segment_weight * max(segment_logprob, LEAST_LOGPROB)
        )
        return 1 / (1 + exp(-logit))

    def calibrated(self, word: Word, segment_logprob: float) -> Word:
        """The word, of which the engine gave its tokens' mean probability, with its confidence."""
        probability = self.probability(word.confidence, segment_logprob)
        return replace(word, confidence=round(probability, 5))


# Fitted by `python -m benchmarks.confidence --fit` on the even rows of the English recordings;
# docs/reference/benchmarks.md shows how it does on the odd ones.
MOONSHINE_TINY_EN = Calibration(intercept=1.123, word_weight=0.848, segment_weight=3.254)
