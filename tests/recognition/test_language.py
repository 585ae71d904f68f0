from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from earshot.audio.waveform import Waveform
from earshot.recognition.language import (
    MODEL_OF_WORDS,
    EnglishDetector,
    EnglishEvidence,
    EnglishModel,
    Features,
    gather_evidence,
    load_model_of_sounds,
    tell_languages,
)
from earshot.recognition.recognizer import NO_HINTS, Hints, Recognition
from earshot.testing import ScriptedRecognizer, silence, tone

SPEECH = [Waveform(tone(8000)), Waveform(tone(4000))]


def test_a_recognizer_that_is_sure_of_its_words_hears_english() -> None:
    probabilities = EnglishDetector(ScriptedRecognizer(mean_logprob=-0.1)).detect(SPEECH)
    assert probabilities["en"] > 0.95
    assert sum(probabilities.values()) == pytest.approx(1.0)


def test_a_recognizer_that_guesses_hears_another_language() -> None:
    probabilities = EnglishDetector(ScriptedRecognizer(mean_logprob=-1.2)).detect(SPEECH)
    assert probabilities["und"] > 0.9


def test_where_nobody_speaks_there_is_no_language() -> None:
    detector = EnglishDetector(ScriptedRecognizer())
    assert detector.detect([]) == {}
    assert detector.detect([Waveform(silence(1000))]) == {}


def test_little_speech_is_taken_for_english_unless_it_is_very_unlike_it() -> None:
    doubtful = ScriptedRecognizer(mean_logprob=-0.9)
    short, long = [Waveform(tone(500))], [Waveform(tone(20_000))]
    detector = EnglishDetector(doubtful)
    assert detector.detect(short)["en"] > 0.5 > detector.detect(long)["en"]


class Describer:
    """Hears two words in everything, and a sound that is the first sample and the second."""

    name = "describer"
    languages = frozenset({"en"})

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        return ScriptedRecognizer(mean_logprob=-0.5).recognize(segments, hints)

    def describe(self, segments: Sequence[Waveform]) -> list[Features]:
        return [segment.samples[:2].astype(np.float64) for segment in segments]


def test_evidence_weighs_segments_by_their_length() -> None:
    evidence = gather_evidence(
        Describer(), [Waveform(tone(8000, level=0.4)), Waveform(tone(4000, level=0.1))]
    )
    assert evidence is not None
    assert evidence.duration_s == 12.0
    assert evidence.mean_logprob == pytest.approx(-0.5)
    assert evidence.sound is not None
    assert evidence.sound[0] == pytest.approx(0.3)


def test_segments_without_a_token_count_as_most_unlikely() -> None:
    heard = [Waveform(tone(5000)), Waveform(silence(5000))]
    evidence = gather_evidence(ScriptedRecognizer(mean_logprob=-1.0), heard)
    assert evidence is not None
    assert evidence.mean_logprob == pytest.approx(-2.0)


def test_the_probability_is_a_logistic_function_of_the_evidence() -> None:
    sound = (np.array([1.0, 0.0]), np.array([2.0, 0.0]))
    model = EnglishModel(0.0, 1.0, sound, usual_logprob=-0.5, half_s=0.0)
    assert model.probability(EnglishEvidence(1.0, -0.5, np.array([1.0, 9.0]))) == 0.5
    log_odds = -0.5 + 2.0
    found = model.probability(EnglishEvidence(1.0, -1.0, np.array([2.0, 9.0])))
    assert found == pytest.approx(1 / (1 + np.exp(-log_odds)))


def test_the_embedded_engine_comes_with_a_model_of_what_english_sounds_like() -> None:
    model = load_model_of_sounds()
    assert model.sound is not None
    usual, weights = model.sound
    assert usual.shape == weights.shape == (576,)  # mean and spread of 288 features
    english = EnglishEvidence(10.0, -0.15, usual)
    assert model.probability(english) > 0.9
    assert model.probability(replace(english, mean_logprob=-1.5)) < 0.2


def test_less_likely_words_never_make_english_likelier() -> None:
    def probability(mean_logprob: float) -> float:
        return MODEL_OF_WORDS.probability(EnglishEvidence(10.0, mean_logprob))

    falling = [probability(-tenth / 10) for tenth in range(30)]
    assert falling == sorted(falling, reverse=True)


def test_what_was_recognised_already_is_not_recognised_again_to_tell_its_language() -> None:
    segment = SPEECH[0]
    for recognizer in (ScriptedRecognizer(mean_logprob=-0.5), ScriptedRecognizer(mean_logprob=-2)):
        (heard,) = recognizer.recognize([segment])
        deaf = replace(recognizer, failure=RuntimeError())
        assert tell_languages(deaf, segment, heard) == EnglishDetector(recognizer).detect([segment])


def test_a_recognizer_that_tells_languages_is_asked() -> None:
    class Polyglot(ScriptedRecognizer):
        def detect(self, segments: Sequence[Waveform]) -> dict[str, float]:
            return {"de": 0.9, "en": 0.1 * len(segments)}

    (heard,) = Polyglot().recognize(SPEECH[:1])
    assert tell_languages(Polyglot(), SPEECH[0], heard) == {"de": 0.9, "en": 0.1}


def test_without_words_there_is_no_language_to_tell() -> None:
    nothing = Recognition((), float("-inf"), is_repetitive=False)
    assert tell_languages(ScriptedRecognizer(), SPEECH[0], nothing) == {}
