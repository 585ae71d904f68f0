"""One word's time shared out among several."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from earshot.transcript.words import Word


def split_word(word: Word, texts: Sequence[str]) -> list[Word]:
    """One word for each text, in proportion to its letters; together they span the word exactly."""
    reached = list(accumulate((len(text) for text in texts), initial=0))
    span_ms = word.end_ms - word.start_ms
    bounds = [word.start_ms + span_ms * n_chars // max(1, reached[-1]) for n_chars in reached]
    return [
        replace(word, text=text, start_ms=start_ms, end_ms=end_ms)
        for text, (start_ms, end_ms) in zip(texts, pairwise(bounds), strict=True)
    ]
