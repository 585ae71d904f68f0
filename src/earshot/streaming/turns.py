"""How likely a speaker is done."""

from math import exp


def end_confidence(silence_ms: int) -> float:
    """The probability that a pause of that length ends a turn."""
    return 1 / (1 + exp(4.0 - silence_ms / 120))
