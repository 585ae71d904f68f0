"""How key phrases, summaries and chapters are compared with those that people wrote."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from earshot.understanding.stems import plain, stem


@dataclass(frozen=True, slots=True)
class Counts:
    """What was found, what should have been, and what is both."""

    n_right: int
    n_found: int
    n_wanted: int

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.n_right + other.n_right,
            self.n_found + other.n_found,
            self.n_wanted + other.n_wanted,
        )

    @property
    def f1(self) -> float:
        return 2 * self.n_right / max(1, self.n_found + self.n_wanted)


def count_phrases(found: Sequence[str], wanted: Sequence[str], n_first: int) -> Counts:
    """Of the first so many phrases, each once, in whatever case and number they are written."""
    first = list(dict.fromkeys(map(_normal, found)))[:n_first]
    there_are = set(map(_normal, wanted))
    return Counts(len(there_are & set(first)), len(first), len(there_are))


def _normal(phrase: str) -> str:
    return " ".join(stem(plain(word)) for word in phrase.split())


def rouge_n(summary: str, reference: str, n: int) -> float:
    """F1 of the runs of `n` words that both have (Lin 2004), without stemming."""
    ours, theirs = _runs(summary, n), _runs(reference, n)
    return 2 * (ours & theirs).total() / max(1, ours.total() + theirs.total())


def rouge_l(summary: str, reference: str) -> float:
    """F1 of the longest series of words that both have in the same order."""
    ours, theirs = _tokens(summary), _tokens(reference)
    before = [0] * (len(theirs) + 1)
    for token in ours:
        row = [0]
        for index, other in enumerate(theirs):
            row.append(before[index] + 1 if token == other else max(before[index + 1], row[index]))
        before = row
    return 2 * before[-1] / max(1, len(ours) + len(theirs))


def _runs(text: str, n: int) -> Counter[tuple[str, ...]]:
    tokens = _tokens(text)
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


def _tokens(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def p_k(n_units: int, wanted: Sequence[int], found: Sequence[int]) -> float:
    """How often two units half a stretch apart are wrongly said to be of one stretch, or not.

    `wanted` and `found` are the indexes at which stretches after the first begin (Beeferman 1999).
    """
    return _share_of_windows(n_units, wanted, found, counts_bounds=False)


def window_diff(n_units: int, wanted: Sequence[int], found: Sequence[int]) -> float:
    """The same, where the number of bounds between them must be right too (Pevzner 2002)."""
    return _share_of_windows(n_units, wanted, found, counts_bounds=True)


def _share_of_windows(
    n_units: int, wanted: Sequence[int], found: Sequence[int], *, counts_bounds: bool
) -> float:
    width = max(1, round(n_units / (len(wanted) + 1) / 2))
    truth, guess = _numbers(n_units, wanted), _numbers(n_units, found)
    wrong = 0
    n_windows = max(1, n_units - width)
    for start in range(n_units - width):
        n_true = truth[start + width] - truth[start]
        n_guessed = guess[start + width] - guess[start]
        differs = n_true != n_guessed if counts_bounds else bool(n_true) != bool(n_guessed)
        wrong += differs
    return wrong / n_windows


def _numbers(n_units: int, bounds: Sequence[int]) -> list[int]:
    """The number of the stretch that each unit is in."""
    starts = set(bounds)
    numbers, number = [], 0
    for unit in range(n_units):
        number += unit in starts
        numbers.append(number)
    return numbers
