import numpy as np
import pytest

from benchmarks.train_sentiment import (
    Judgement,
    calibration_error,
    macro_f1,
    score,
    temperature_of,
)


def test_macro_f1_is_the_mean_over_classes() -> None:
    assert macro_f1([0, 1, 2], [0, 1, 2]) == 1
    # Of class 0 half is found, 1 is right with one too many, 2 is right.
    assert macro_f1([0, 0, 1, 2], [0, 1, 1, 2]) == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert macro_f1([0, 1], [1, 0], 2) == 0


def test_calibration_compares_confidence_with_how_often_it_is_right() -> None:
    shares = np.array([[0.75, 0.25, 0.0]] * 4, dtype=np.float32)
    assert calibration_error(shares, np.array([0, 0, 0, 1])) == pytest.approx(0)
    assert calibration_error(shares, np.array([1, 1, 1, 1])) == pytest.approx(0.75)


def test_confidence_that_is_too_high_is_cooled() -> None:
    rng = np.random.default_rng(8)
    feelings = rng.integers(0, 3, 400)
    seen = np.where(rng.random(400) < 0.6, feelings, rng.integers(0, 3, 400))
    sure = Judgement("set", 8 * np.eye(3, dtype=np.float32)[seen], feelings)
    temperature = temperature_of([sure])
    assert temperature > 2
    assert score(sure, temperature)[1] < score(sure, 1)[1]


def test_of_two_feelings_the_likelier_counts() -> None:
    logits = np.array([[1, 5, 2], [2, 5, 1]], dtype=np.float32)
    assert score(Judgement("sst2_dev", logits, np.array([2, 0])), 1)[0] == 1
    assert score(Judgement("other", logits, np.array([2, 0])), 1)[0] == 0
