"""Which language is spoken: what a detector must do, and one that tells English from the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import exp, isfinite
from typing import Final, Protocol

from earshot.audio.waveform import Waveform
from earshot.recognition.recognizer import Recognition, Recognizer
from earshot.transcript.words import Word

ENGLISH: Final = "en"
UNDETERMINED: Final = "und"
"""BCP 47's code of a language that is there, but not told."""

# What a segment whose tokens are no better than this says does not get worse.
_LOWEST_MEAN_LOGPROB = -3.0
# A word may be said twice in a row in earnest; in speech that it does not know, the model stutters.
_STUTTER_WORDS = 3


class LanguageDetector(Protocol):
    """Tells languages apart; an engine that does so is one."""

    def detect(self, segments: Sequence[Waveform]) -> Mapping[str, float]:
        """The probability of each language, by the engine's codes; nothing where nobody speaks."""
        ...


@dataclass(frozen=True, slots=True)
class EnglishEvidence:
    """How an English recognizer fared with some speech.

    `mean_logprob` is that of its tokens, by the segments' lengths. `stutter_share` is the share of
    its words that stand in a row of three or more of the same.
    """

    duration_s: float
    mean_logprob: float
    stutter_share: float


@dataclass(frozen=True, slots=True)
class EnglishModel:
    """A logistic regression from evidence to the probability that the speech is English.

    What little speech says is drawn towards what is usual for English, by half at `half_s`.
    """

    intercept: float
    logprob_weight: float
    stutter_weight: float
    usual_logprob: float = -0.15  # the median over the English recordings of the fit
    half_s: float = 2.0

    def features(self, evidence: EnglishEvidence) -> tuple[float, float]:
        """What the weights apply to."""
        trust = evidence.duration_s / (evidence.duration_s + self.half_s)
        surprise = trust * (evidence.mean_logprob - self.usual_logprob)
        return surprise, trust * evidence.stutter_share

    def probability(self, evidence: EnglishEvidence) -> float:
        surprise, stutter = self.features(evidence)
        log_odds = self.intercept + self.logprob_weight * surprise + self.stutter_weight * stutter
        return 1 / (1 + exp(-log_odds))


# Written by `python -m benchmarks.language --fit`, on espeak-ng speech in 20 languages and in
# English, and the English recordings in even rows of the manifest.
EMBEDDED_ENGLISH_MODEL: Final = EnglishModel(4.058, 11.443, -12.689)


class EnglishDetector:
    """Tells English from other languages by how sure an English recognizer is of what it hears."""

    def __init__(
        self, recognizer: Recognizer, model: EnglishModel = EMBEDDED_ENGLISH_MODEL
    ) -> None:
        self._recognizer = recognizer
        self._model = model

    def detect(self, segments: Sequence[Waveform]) -> Mapping[str, float]:
        """The probabilities of English and of any other language, `und`; none without words."""
        evidence = gather_evidence(self._recognizer, segments)
        if evidence is None:
            return {}
        english = self._model.probability(evidence)
        return {ENGLISH: english, UNDETERMINED: 1 - english}


def gather_evidence(recognizer: Recognizer, segments: Sequence[Waveform]) -> EnglishEvidence | None:
    """What the recognizer makes of the segments; None where it hears no word in any."""
    recognitions = [one for segment in segments for one in recognizer.recognize([segment])]
    words = [one.words for one in recognitions]
    n_words = sum(map(len, words))
    if not n_words:
        return None
    durations_s = [segment.duration_ms / 1000 for segment in segments]
    pairs = zip(recognitions, durations_s, strict=True)
    total_s = sum(durations_s)
    return EnglishEvidence(
        duration_s=total_s,
        mean_logprob=sum(_logprob(one) * duration_s for one, duration_s in pairs) / total_s,
        stutter_share=sum(map(_count_stuttered, words)) / n_words,
    )


def _logprob(recognition: Recognition) -> float:
    logprob = recognition.mean_logprob
    return max(logprob, _LOWEST_MEAN_LOGPROB) if isfinite(logprob) else _LOWEST_MEAN_LOGPROB


def _count_stuttered(words: Sequence[Word]) -> int:
    """The words that stand in a row of the same, of at least _STUTTER_WORDS."""
    rows = [len(list(row)) for _, row in groupby(words, key=_letters)]
    return sum(n_words for n_words in rows if n_words >= _STUTTER_WORDS)


def _letters(word: Word) -> str:
    return "".join(character for character in word.text.lower() if character.isalnum())
