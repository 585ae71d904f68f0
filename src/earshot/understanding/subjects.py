"""Where a talk turns to another subject: the most likely division of its sentences.

The model of Utiyama and Isahara, "A Statistical Model for Domain-Independent Text Segmentation"
(ACL 2001): each stretch draws its words from a distribution of its own, and every stretch costs.
"""

import math
from collections import Counter
from collections.abc import Sequence

from earshot.understanding.stems import content_stems

# The cost of a stretch in natural logarithms of the number of words; 1 in the paper. It grows with
# the root of a talk's length: long ones are about few things too. Fitted on even rows of
# `benchmarks.understanding`.
STRETCH_COST = 0.6
SHORT_TALK_STEMS = 100
# Longer talks are divided between groups of sentences: time grows with the square of their number.
MAX_UNITS = 1200
MAX_UNITS_PER_STRETCH = 400


def divide_by_subject(texts: Sequence[str], *, min_texts: int = 1) -> list[range]:
    """Stretches of consecutive texts that are each about one subject; together they are all.

    None is shorter than `min_texts`, unless all of it is.
    """
    if not texts:
        return []
    size = max(min_texts, -(-len(texts) // MAX_UNITS))
    starts = list(range(0, len(texts), size))
    units = [
        [stem for text in texts[start : start + size] for stem in content_stems(text)]
        for start in starts
    ]
    firsts = [starts[unit] for unit in _best_division(units)]
    return [range(first, end) for first, end in zip(firsts, [*firsts[1:], len(texts)], strict=True)]


def _best_division(units: Sequence[Sequence[str]]) -> list[int]:
    """The index of the first unit of each stretch, the cheapest way."""
    n_stems = sum(len(unit) for unit in units)
    n_kinds = len({stem for unit in units for stem in unit})
    growth = math.sqrt(max(1.0, n_stems / SHORT_TALK_STEMS))
    stretch_cost = STRETCH_COST * growth * math.log(max(2, n_stems))
    costs = [0.0] + [math.inf] * len(units)  # of the cheapest division of the units before
    came_from = [0] * (len(units) + 1)
    for start in range(len(units)):
        base = costs[start] + stretch_cost
        for end, cost in _stretch_costs(units, start, n_kinds):
            if base + cost < costs[end]:
                costs[end] = base + cost
                came_from[end] = start
    firsts: list[int] = []
    at = len(units)
    while at > 0:
        at = came_from[at]
        firsts.append(at)
    return firsts[::-1]


def _stretch_costs(
    units: Sequence[Sequence[str]], start: int, n_kinds: int
) -> list[tuple[int, float]]:
    """The end of each stretch from `start` on, and how unlikely its words are."""
    counts: Counter[str] = Counter()
    likelihood = 0.0  # the sum of f * log(f + 1) over the stems of the stretch
    n_stems = 0
    costs: list[tuple[int, float]] = []
    for end in range(start + 1, min(len(units), start + MAX_UNITS_PER_STRETCH) + 1):
        for stem in units[end - 1]:
            count = counts[stem]
            counts[stem] = count + 1
            likelihood += (count + 1) * math.log(count + 2) - count * math.log(count + 1)
        n_stems += len(units[end - 1])
        costs.append((end, n_stems * math.log(n_stems + n_kinds) - likelihood if n_stems else 0.0))
    return costs
