import numpy as np
import pytest

from benchmarks.confidence import Evidence, Judged, calibration_error, fit, reliability


def test_a_confidence_that_is_always_right_has_no_calibration_error() -> None:
    confidences = np.repeat([0.25, 0.75], 120)
    is_right = np.array(([1.0] + [0.0] * 3) * 30 + ([0.0] + [1.0] * 3) * 30)
    assert calibration_error(reliability(confidences, is_right)) == pytest.approx(0.0, abs=0.05)


def test_boasting_is_an_error_as_large_as_the_boast() -> None:
    bins = reliability(np.full(240, 0.9), np.array([1.0, 0.0] * 120))
    assert calibration_error(bins) == pytest.approx(0.4)


def test_a_fit_gives_back_the_map_that_the_words_were_drawn_from() -> None:
    rng = np.random.default_rng(0)
    evidence = rng.normal(size=(20_000, 2))
    p = 1 / (1 + np.exp(-(2.0 + 3.0 * evidence[:, 0] + evidence[:, 1])))
    words = [
        Judged(0, Evidence(1 / (1 + np.exp(-odds)), segment), bool(right))
        for (odds, segment), right in zip(evidence.tolist(), rng.random(len(p)) < p, strict=True)
    ]
    assert fit(words) == pytest.approx([2.0, 3.0, 1.0], abs=0.2)
