"""Word and character errors: counted per recording, added up, with an interval around each rate."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import cast

import jiwer
import numpy as np

N_RESAMPLES = 5_000
INTERVAL_PERCENT = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class ErrorCounts:
    """What separates a hypothesis from its reference of `n_words`, or of as many characters."""

    n_words: int = 0
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0

    @property
    def n_errors(self) -> int:
        return self.substitutions + self.deletions + self.insertions

    def __add__(self, other: "ErrorCounts") -> "ErrorCounts":
        return ErrorCounts(
            self.n_words + other.n_words,
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
        )


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Errors per word of the reference in percent, and the bootstrap 95 % interval over clips."""

    percent: float
    low_percent: float
    high_percent: float


@cache
def normalise(text: str, *, is_english: bool = True) -> str:
    """The text as it is compared: by whisper's rules, which for English drop "um" and "mm"."""
    return _normalizer(is_english=is_english)(text).strip()


@cache
def _normalizer(*, is_english: bool) -> Callable[[str], str]:
    with warnings.catch_warnings():
        # Python warns of the escapes in its docstrings while it compiles them.
        warnings.simplefilter("ignore")
        from whisper_normalizer.basic import BasicTextNormalizer
        from whisper_normalizer.english import EnglishTextNormalizer
    chosen = EnglishTextNormalizer() if is_english else BasicTextNormalizer()
    return cast("Callable[[str], str]", chosen)


def count_errors(reference: str, hypothesis: str, *, is_english: bool = True) -> ErrorCounts:
    """The fewest word edits from one to the other, both normalised here."""
    said = normalise(reference, is_english=is_english)
    heard = normalise(hypothesis, is_english=is_english)
    if not said:  # jiwer takes no empty reference
        return ErrorCounts(insertions=len(heard.split()))
    return _counts(jiwer.process_words(said, heard))


def count_character_errors(
    reference: str, hypothesis: str, *, is_english: bool = True
) -> ErrorCounts:
    """The fewest edits of characters, for languages that write no spaces; both normalised here."""
    said = normalise(reference, is_english=is_english)
    heard = normalise(hypothesis, is_english=is_english)
    if not said:
        return ErrorCounts(insertions=len(heard))
    return _counts(jiwer.process_characters(said, heard))


def _counts(edits: "jiwer.WordOutput | jiwer.CharacterOutput") -> ErrorCounts:
    n_words = edits.hits + edits.substitutions + edits.deletions
    return ErrorCounts(n_words, edits.substitutions, edits.deletions, edits.insertions)


def count_errors_of_speakers(references: Sequence[str], hypothesis: str) -> ErrorCounts:
    """Concatenated minimum-permutation errors: the best over all orders of the speakers."""
    orders = [" ".join(order) for order in permutations(references)]
    return min((count_errors(order, hypothesis) for order in orders), key=lambda c: c.n_errors)


def total_of(counts: Iterable[ErrorCounts]) -> ErrorCounts:
    return sum(counts, start=ErrorCounts())


def error_rate(counts: Sequence[ErrorCounts]) -> ErrorRate:
    """The rate over all clips together; the interval is over resampled sets of clips."""
    total = total_of(counts)
    n_errors = np.array([count.n_errors for count in counts])
    n_words = np.array([count.n_words for count in counts])
    # How often each clip is drawn, the same draws for every engine.  # (n_resamples, n_clips)
    draws = np.random.default_rng(0).multinomial(
        len(counts), [1 / len(counts)] * len(counts), size=N_RESAMPLES
    )
    rates = 100 * (draws @ n_errors) / np.maximum(draws @ n_words, 1)
    low, high = np.percentile(rates, INTERVAL_PERCENT)
    percent = 100 * total.n_errors / max(total.n_words, 1)
    return ErrorRate(percent, float(low), float(high))
