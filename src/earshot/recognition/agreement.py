"""Doubtful telephone speech heard at three speeds: the answer that the others agree with is taken.

Without the band over 4 kHz a recognizer guesses more, and guesses otherwise when the speech is a
little slower or faster; what was really said it says each time. Of several answers the one with
the least expected word error is taken (Goel and Byrne 2000, "Minimum Bayes-risk automatic speech
recognition"), with the log-probability as a prior.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from earshot.audio.bandwidth import is_telephone_band
from earshot.audio.segments import SegmentPolicy
from earshot.audio.waveform import Samples, Waveform
from earshot.recognition.language import Features, SpeechDescriber
from earshot.recognition.recognizer import (
    NO_HINTS,
    DraftingRecognizer,
    Hints,
    Recognition,
    Recognizer,
    segment_policy_of,
)
from earshot.transcript.words import Word


@dataclass(frozen=True, slots=True)
class AgreementPolicy:
    """When speech is heard again, and how: fitted on the even rows, `benchmarks.transcription`.

    Doubtful is an answer whose tokens have a mean log-probability under `doubtful_logprob`. A speed
    of 0.95 makes the speech 5 % slower.
    """

    doubtful_logprob: float = -0.15
    speeds: tuple[float, ...] = (0.95, 1.05)


DEFAULT_AGREEMENT_POLICY = AgreementPolicy()


class DescribingRecognizer(Recognizer, SpeechDescriber, Protocol):
    """A recognizer that also says what speech sounds like, as the embedded one does."""


class AgreeingRecognizer:
    """A recognizer that asks the one it is given again where telephone speech leaves it in doubt.

    Other speech, and what is certain at once, costs nothing more.
    """

    def __init__(
        self, recognizer: DescribingRecognizer, policy: AgreementPolicy = DEFAULT_AGREEMENT_POLICY
    ) -> None:
        self._recognizer = recognizer
        self._policy = policy

    @property
    def name(self) -> str:
        return self._recognizer.name

    @property
    def languages(self) -> frozenset[str]:
        return self._recognizer.languages

    @property
    def segment_policy(self) -> SegmentPolicy:
        return segment_policy_of(self._recognizer)

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        """One recognition per segment, in their order."""
        recognitions = self._recognizer.recognize(segments, hints)
        doubtful = [
            index
            for index, recognition in enumerate(recognitions)
            if self._is_doubtful(recognition) and is_telephone_band(segments[index].samples)
        ]
        if doubtful:
            heard_again = self._hear_again([segments[index] for index in doubtful], hints)
            for index, others in zip(doubtful, heard_again, strict=True):
                recognitions[index] = most_agreed([recognitions[index], *others])
        return recognitions

    def recognize_drafted(
        self,
        segments: Sequence[Waveform],
        drafts: Sequence[Sequence[str]],
        hints: Hints = NO_HINTS,
    ) -> list[Recognition]:
        """What the recognizer makes of each at once: live sessions have no time for second ones."""
        if isinstance(self._recognizer, DraftingRecognizer):
            return self._recognizer.recognize_drafted(segments, drafts, hints)
        return self._recognizer.recognize(segments, hints)

    def describe(self, segments: Sequence[Waveform]) -> list[Features]:
        """What the recognizer says of the sound of each segment, at its own speed."""
        return self._recognizer.describe(segments)

    def _is_doubtful(self, recognition: Recognition) -> bool:
        return bool(recognition.words) and recognition.mean_logprob < self._policy.doubtful_logprob

    def _hear_again(
        self, segments: Sequence[Waveform], hints: Hints
    ) -> Iterator[tuple[Recognition, ...]]:
        """For each segment, its recognitions at the other speeds, timed as if at its own."""
        by_speed = []
        for speed in self._policy.speeds:
            changed = [replace(s, samples=_at_speed(s.samples, speed)) for s in segments]
            answers = self._recognizer.recognize(changed, hints)
            by_speed.append([_at_own_pace(answer, speed) for answer in answers])
        return zip(*by_speed, strict=True)


def most_agreed(recognitions: Sequence[Recognition]) -> Recognition:
    """The one nearest to all of them by its words, and likely itself; of equals the first."""
    said = [[word.text.strip(".,?!").lower() for word in one.words] for one in recognitions]
    risks = [
        sum(word_distance(mine, theirs) for theirs in said) / len(said) - one.mean_logprob
        for mine, one in zip(said, recognitions, strict=True)
    ]
    return recognitions[risks.index(min(risks))]


def word_distance(ours: Sequence[str], theirs: Sequence[str]) -> float:
    """The words to change, drop or add between the two, as a share of the longer one, 0 to 1."""
    row = list(range(len(theirs) + 1))
    for n_ours, our_word in enumerate(ours, start=1):
        previous, row = row, [n_ours]
        for index, their_word in enumerate(theirs):
            swapped = previous[index] + (our_word != their_word)
            row.append(min(swapped, previous[index + 1] + 1, row[-1] + 1))
    return row[-1] / max(len(ours), len(theirs), 1)


def _at_speed(samples: Samples, speed: float) -> Samples:
    """Faster and higher, or slower and lower, as a tape would be."""
    # Straight lines between samples do: nothing of this speech lies near the band's upper end.
    places = np.arange(int(len(samples) / speed)) * speed
    changed: Samples = np.interp(places, np.arange(len(samples)), samples).astype(np.float32)
    return changed


def _at_own_pace(recognition: Recognition, speed: float) -> Recognition:
    words = tuple(_stretched(word, speed) for word in recognition.words)
    return replace(recognition, words=words)


def _stretched(word: Word, speed: float) -> Word:
    return replace(word, start_ms=round(word.start_ms * speed), end_ms=round(word.end_ms * speed))
