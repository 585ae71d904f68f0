"""Which language is spoken: what a detector must do, and one that tells English from the rest."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import exp, isfinite
from typing import Final, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from earshot.audio.waveform import Waveform
from earshot.recognition.recognizer import Recognition, Recognizer

ENGLISH: Final = "en"
UNDETERMINED: Final = "und"
"""BCP 47's code of a language that is there, but not told."""

# What a segment whose tokens are no better than this says does not get worse.
_LOWEST_MEAN_LOGPROB = -3.0

Features = npt.NDArray[np.float64]  # (n_features,)


@runtime_checkable
class LanguageDetector(Protocol):
    """Tells languages apart; an engine that does so is one."""

    def detect(self, segments: Sequence[Waveform]) -> Mapping[str, float]:
        """The probability of each language, by the engine's codes; nothing where nobody speaks."""
        ...


@runtime_checkable
class SpeechDescriber(Protocol):
    """An engine that says what speech sounds like, whatever words it hears in it."""

    def describe(self, segments: Sequence[Waveform]) -> list[Features]:
        """Of each segment, what its encoder's states are over time, on average and in spread."""
        ...


@dataclass(frozen=True, slots=True)
class EnglishEvidence:
    """How an English recognizer fared with some speech.

    `mean_logprob` is that of its tokens, and `sound` what its encoder made of them, both by the
    segments' lengths; None where the recognizer does not tell.
    """

    duration_s: float
    mean_logprob: float
    sound: Features | None = None


@dataclass(frozen=True, slots=True)
class EnglishModel:
    """A logistic regression from evidence to the probability that the speech is English.

    What little speech says is drawn towards what is usual for English, by half at `half_s`. `sound`
    are what English sounds like on average, and the weights of what is different from it.
    """

    intercept: float
    logprob_weight: float
    sound: tuple[Features, Features] | None = None
    usual_logprob: float = -0.15  # the median over the English recordings of the fit
    half_s: float = 2.0

    def trust(self, evidence: EnglishEvidence) -> float:
        """How much the evidence counts, 0 to 1."""
        return evidence.duration_s / (evidence.duration_s + self.half_s)

    def probability(self, evidence: EnglishEvidence) -> float:
        difference = self.logprob_weight * (evidence.mean_logprob - self.usual_logprob)
        if self.sound is not None:
            assert evidence.sound is not None
            usual, weights = self.sound
            difference += float((evidence.sound - usual) @ weights)
        return 1 / (1 + exp(-(self.intercept + self.trust(evidence) * difference)))


# Set by hand, for engines that do not describe speech; `python -m benchmarks.language --fit` writes
# english_model.json, which is for those that do.
MODEL_OF_WORDS: Final = EnglishModel(4.0, 11.0)


@cache
def load_model_of_sounds() -> EnglishModel:
    """The model for the embedded engine, which describes speech."""
    file = resources.files("earshot.recognition").joinpath("english_model.json")
    stored = json.loads(file.read_text(encoding="utf-8"))
    sound = (np.array(stored["usual_sound"]), np.array(stored["sound_weights"]))
    return EnglishModel(stored["intercept"], stored["logprob_weight"], sound)


class EnglishDetector:
    """Tells English from other languages by how an English recognizer fares with the speech."""

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer

    def detect(self, segments: Sequence[Waveform]) -> Mapping[str, float]:
        """The probabilities of English and of any other language, `und`; none without words."""
        return _judge(gather_evidence(self._recognizer, segments))


def tell_languages(
    recognizer: Recognizer, segment: Waveform, recognition: Recognition
) -> Mapping[str, float]:
    """The probability of each language of a segment of which this was made; none without words."""
    if not recognition.words:
        return {}
    if isinstance(recognizer, LanguageDetector):
        return recognizer.detect([segment])
    return _judge(_weigh(recognizer, [segment], [recognition]))


def _judge(evidence: EnglishEvidence | None) -> Mapping[str, float]:
    if evidence is None:
        return {}
    model = MODEL_OF_WORDS if evidence.sound is None else load_model_of_sounds()
    english = model.probability(evidence)
    return {ENGLISH: english, UNDETERMINED: 1 - english}


def gather_evidence(recognizer: Recognizer, segments: Sequence[Waveform]) -> EnglishEvidence | None:
    """What the recognizer makes of the segments; None where it hears no word in any."""
    recognitions = [one for segment in segments for one in recognizer.recognize([segment])]
    return _weigh(recognizer, segments, recognitions)


def _weigh(
    recognizer: Recognizer, segments: Sequence[Waveform], recognitions: Sequence[Recognition]
) -> EnglishEvidence | None:
    if not any(one.words for one in recognitions):
        return None
    durations_s = np.array([segment.duration_ms / 1000 for segment in segments])
    shares = durations_s / durations_s.sum()
    sound: Features | None = None
    if isinstance(recognizer, SpeechDescriber):
        sound = shares @ np.stack(recognizer.describe(segments))
    logprobs = np.array([_logprob(one) for one in recognitions])
    return EnglishEvidence(float(durations_s.sum()), float(shares @ logprobs), sound)


def _logprob(recognition: Recognition) -> float:
    logprob = recognition.mean_logprob
    return max(logprob, _LOWEST_MEAN_LOGPROB) if isfinite(logprob) else _LOWEST_MEAN_LOGPROB
