"""When speech is heard again at another speed, and at which.

What the recognizer guesses changes with the speed of the speech, what it hears does not. What each
hearing came to is read in all of them, and what they together find likeliest is taken: a product of
experts (Hinton 2002).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from earshot.audio.bandwidth import is_telephone_band
from earshot.audio.waveform import Waveform
from earshot.recognition.engines.moonshine_decoder import EncodedSegment
from earshot.recognition.engines.moonshine_hypothesis import END_TOKEN, Hypothesis
from earshot.recognition.loading import SecondHearings
from earshot.recognition.recognizer import Effort


@dataclass(frozen=True, slots=True)
class SecondHearingPolicy:
    """Which speech is heard again, and how fast: fitted on the even rows, decision 0028.

    Doubtful is what has a mean log-probability under `doubtful_logprob`. A speed of 1.1 is
    10 % faster. Over the telephone, smaller changes do better, and two are all that is tried. Else,
    with the most effort, it is heard at `more_speeds` too.
    """

    doubtful_logprob: float = -0.15
    speeds: tuple[float, ...] = (1.1, 0.9)
    more_speeds: tuple[float, ...] = (1.05, 0.95)
    telephone_speeds: tuple[float, ...] = (0.95, 1.05)

    def speeds_for(
        self, first: Hypothesis, segment: Waveform, when: SecondHearings, effort: Effort
    ) -> tuple[float, ...]:
        """The speeds at which the segment is heard again; none where the first hearing will do."""
        has_words = len(first.tokens) > 1 and not first.is_repetitive
        if when == "never" or not has_words or first.mean_logprob >= self.doubtful_logprob:
            return ()
        if is_telephone_band(segment.samples):
            return self.telephone_speeds
        if effort is Effort.MOST:
            return (*self.speeds, *self.more_speeds)
        return self.speeds if effort is Effort.MORE or when == "always" else ()


DEFAULT_SECOND_HEARING_POLICY = SecondHearingPolicy()


def at_speed(segment: Waveform, speed: float) -> Waveform:
    """Faster and higher, or slower and lower, as a tape would be."""
    n_samples = len(segment.samples)
    n_changed = max(1, round(n_samples / speed))
    # The same spectrum over fewer or more samples; what would lie over half their rate is lost.
    spectrum = np.fft.rfft(segment.samples)
    changed = np.fft.irfft(spectrum, n_changed) * (n_changed / n_samples)
    return Waveform(changed.astype(np.float32))


@dataclass(frozen=True, slots=True)
class Hearing:
    """A segment at one speed, and what is heard there."""

    encoded: EncodedSegment
    hypothesis: Hypothesis


# What the decoder makes of given tokens in an encoded segment.
Read = Callable[[Sequence[int], EncodedSegment], Hypothesis]

# Tokens, and the number of a hearing in which they are to be read.
Unread = tuple[tuple[int, ...], int]
Each = Callable[[Callable[[Unread], float], Sequence[Unread]], Iterable[float]]


def likeliest_tokens(hearings: Sequence[Hearing], read: Read, each: Each = map) -> Sequence[int]:
    """Of what was heard, the tokens that all hearings together find likeliest; of equals the first.

    A loop at another speed, or what was cut off there, is not among them: the beginning of an
    answer is always likelier than the whole. `each` reads one after another, or side by side.
    """
    logprobs: dict[tuple[int, ...], dict[int, float]] = {}  # of tokens, by the hearing's number
    for number, hearing in enumerate(hearings):
        heard = hearing.hypothesis
        if number == 0 or (heard.tokens[-1:] == [END_TOKEN] and not heard.is_repetitive):
            logprobs.setdefault(tuple(heard.tokens), {})[number] = sum(heard.logprobs)

    def logprob_of(unread: Unread) -> float:
        tokens, number = unread
        return sum(read(tokens, hearings[number].encoded).logprobs)

    if len(logprobs) > 1:
        numbers = range(len(hearings))
        unread = [
            (tokens, n) for tokens, known in logprobs.items() for n in numbers if n not in known
        ]
        for (tokens, number), logprob in zip(unread, each(logprob_of, unread), strict=True):
            logprobs[tokens][number] = logprob
    return max(logprobs, key=lambda tokens: sum(logprobs[tokens].values()))
