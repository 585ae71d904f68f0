from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.recognition.confidence import MOONSHINE_TINY_EN, Calibration
from earshot.transcript.words import Word

logprobs = st.floats(-20.0, 0.0)


probabilities = st.floats(0.0, 1.0)


@given(probabilities, probabilities, logprobs, logprobs)
def test_more_evidence_never_lowers_a_confidence(
    one: float, other: float, segment: float, other_segment: float
) -> None:
    low, high = sorted([one, other])
    worse, better = sorted([segment, other_segment])
    probability = MOONSHINE_TINY_EN.probability
    assert 0 <= probability(low, worse) <= probability(high, worse) <= 1
    assert probability(low, worse) <= probability(low, better)


def test_a_sure_word_in_a_sure_segment_is_hardly_ever_wrong() -> None:
    assert MOONSHINE_TINY_EN.probability(1.0, 0.0) > 0.95


def test_a_word_keeps_all_but_its_confidence() -> None:
    word = Word("Kept,", 100, 200, exp(-1.0), speaker="1", channel=1)
    calibrated = Calibration(0.0, 1.0, 0.0).calibrated(word, -0.5)
    assert calibrated.confidence == pytest.approx(exp(-1.0), abs=1e-5)
    assert (calibrated.text, calibrated.start_ms, calibrated.end_ms) == ("Kept,", 100, 200)
    assert (calibrated.speaker, calibrated.channel) == ("1", 1)


def test_no_evidence_at_all_is_no_error() -> None:
    assert MOONSHINE_TINY_EN.calibrated(Word("x", 0, 1, 0.0), float("-inf")).confidence < 0.01
