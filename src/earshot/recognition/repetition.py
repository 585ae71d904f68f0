"""Loops: a recognizer that says the same thing again and again."""

from collections.abc import Sequence

REPETITION_WINDOW_TOKENS = 48
MAX_PERIOD_TOKENS = 12
# (longest period, rounds): a short pattern may be said three times in earnest ("no no no").
_ROUNDS_BY_PERIOD = ((1, 6), (3, 5), (MAX_PERIOD_TOKENS, 4))


def find_repetition(tokens: Sequence[int]) -> int | None:
    """How many tokens to keep, the first round included, if they end in a loop; else None."""
    for period in range(1, MAX_PERIOD_TOKENS + 1):
        if len(tokens) <= period or tokens[-1] != tokens[-1 - period]:
            continue
        span = period * next(n for longest, n in _ROUNDS_BY_PERIOD if period <= longest)
        if len(tokens) >= span and tokens[-span:-period] == tokens[period - span :]:
            return len(tokens) - span + period
    return None
