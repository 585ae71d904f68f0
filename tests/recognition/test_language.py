import pytest

from earshot.audio.waveform import Waveform
from earshot.recognition.language import (
    EMBEDDED_ENGLISH_MODEL,
    EnglishDetector,
    EnglishEvidence,
    EnglishModel,
    gather_evidence,
)
from earshot.testing import ScriptedRecognizer, silence, tone

SPEECH = [Waveform(tone(8000)), Waveform(tone(4000))]


def test_a_recognizer_that_is_sure_of_its_words_hears_english() -> None:
    probabilities = EnglishDetector(ScriptedRecognizer(mean_logprob=-0.1)).detect(SPEECH)
    assert probabilities["en"] > 0.95
    assert sum(probabilities.values()) == pytest.approx(1.0)


def test_a_recognizer_that_guesses_hears_another_language() -> None:
    probabilities = EnglishDetector(ScriptedRecognizer(mean_logprob=-1.2)).detect(SPEECH)
    assert probabilities["und"] > 0.9


def test_a_recognizer_that_stutters_hears_another_language() -> None:
    script = ("tester", "3,", "3,", "3", "3.", "six")
    probabilities = EnglishDetector(ScriptedRecognizer(script, mean_logprob=-0.4)).detect(SPEECH)
    assert probabilities["und"] > 0.5


def test_where_nobody_speaks_there_is_no_language() -> None:
    detector = EnglishDetector(ScriptedRecognizer())
    assert detector.detect([]) == {}
    assert detector.detect([Waveform(silence(1000))]) == {}


def test_little_speech_is_taken_for_english_unless_it_is_very_unlike_it() -> None:
    doubtful = ScriptedRecognizer(mean_logprob=-0.9)
    short, long = [Waveform(tone(500))], [Waveform(tone(20_000))]
    detector = EnglishDetector(doubtful)
    assert detector.detect(short)["en"] > 0.5 > detector.detect(long)["en"]


def test_evidence_weighs_segments_by_their_length_and_counts_words_said_thrice() -> None:
    recognizer = ScriptedRecognizer(("no", "No,", "no!", "yes", "yes"), mean_logprob=-0.5)
    evidence = gather_evidence(recognizer, SPEECH)
    assert evidence is not None
    assert evidence.duration_s == 12.0
    assert evidence.mean_logprob == pytest.approx(-0.5)
    assert evidence.stutter_share == pytest.approx(0.6)


def test_segments_without_a_token_count_as_most_unlikely() -> None:
    heard = [Waveform(tone(5000)), Waveform(silence(5000))]
    evidence = gather_evidence(ScriptedRecognizer(mean_logprob=-1.0), heard)
    assert evidence is not None
    assert evidence.mean_logprob == pytest.approx(-2.0)


def test_the_probability_is_a_logistic_function_of_the_evidence() -> None:
    model = EnglishModel(0.0, 1.0, 0.0, usual_logprob=0.0, half_s=0.0)
    assert model.probability(EnglishEvidence(1.0, 0.0, 0.0)) == 0.5


def test_less_likely_words_never_make_english_likelier() -> None:
    def probability(mean_logprob: float) -> float:
        return EMBEDDED_ENGLISH_MODEL.probability(EnglishEvidence(10.0, mean_logprob, 0.0))

    falling = [probability(-tenth / 10) for tenth in range(30)]
    assert falling == sorted(falling, reverse=True)
