"""How likely a speaker is done: from the length of the pause and what was said before it."""

from dataclasses import dataclass
from math import exp, log

from earshot.recognition.recognizer import Closing
from earshot.transcript.punctuation import CLOSERS, ELLIPSES, PHRASE_MARKS, SENTENCE_MARKS

# A sentence does not end in one of these, or hardly ever.
_CONTINUING = """
a an the and or but nor so if because although though while when whenever where which who whom
whose than as of to at by for from with without into onto upon about between through during i we
he she they my your his our their i'm we're they're you're is are was were um uh er
"""
CONTINUING_WORDS = frozenset(_CONTINUING.split())

# Probabilities are believed within these limits.
LEAST, MOST = 0.001, 0.999


@dataclass(frozen=True, slots=True)
class TurnModel:
    """A logistic model of the end of a turn; fitted on even rows by `benchmarks.turns`."""

    per_silence_s: float = 3.88
    per_sentence_logit: float = 0.24
    per_phrase_logit: float = -0.42
    if_continuing: float = -1.05
    bias: float = -4.56

    def confidence(self, pause: "Pause") -> float:
        """The probability that the pause ends a turn."""
        log_odds = (
            self.bias
            + self.per_silence_s * pause.silence_ms / 1000
            + self.per_sentence_logit * logit(pause.closing.ends_sentence)
            + self.per_phrase_logit * logit(pause.closing.ends_phrase)
            + self.if_continuing * pause.is_continuing
        )
        return 1 / (1 + exp(-log_odds))


DEFAULT_TURN_MODEL = TurnModel()


@dataclass(frozen=True, slots=True)
class Pause:
    """How long nobody has spoken, and what the recognizer makes of the words before."""

    silence_ms: int
    closing: Closing
    is_continuing: bool


def closing_by_mark(form: str) -> Closing:
    """What the mark behind the last word says, where the recognizer says no more than that.

    The values are about those that the embedded recognizer has at such marks.
    """
    bare = form.rstrip(CLOSERS)
    if bare.endswith(SENTENCE_MARKS) and not bare.endswith(ELLIPSES):
        return Closing(ends_sentence=0.9, ends_phrase=0.01)
    if bare.endswith(PHRASE_MARKS):
        return Closing(ends_sentence=0.2, ends_phrase=0.7)
    return Closing(ends_sentence=0.05, ends_phrase=0.05)


def logit(probability: float) -> float:
    """The logarithm of the odds, within limits."""
    within = min(max(probability, LEAST), MOST)
    return log(within / (1 - within))
