import pytest

from benchmarks.understanding_measures import (
    count_phrases,
    p_k,
    rouge_l,
    rouge_n,
    window_diff,
)


def test_phrases_are_right_in_any_form_and_counted_once() -> None:
    found = ["Climate change", "climate changes", "smoke", "late"]
    counts = count_phrases(found, ["climate change", "Smoke", "fire"], 2)
    assert (counts.n_right, counts.n_found, counts.n_wanted) == (2, 2, 3)
    assert counts.f1 == pytest.approx(0.8)
    assert (counts + counts).n_right == 4
    assert count_phrases([], [], 2).f1 == 0


def test_rouge_is_one_for_the_same_words_and_none_for_others() -> None:
    assert rouge_n("Smoke comes down.", "smoke comes down", 2) == 1
    assert rouge_l("Smoke comes down.", "smoke comes down") == 1
    assert rouge_n("smoke", "fire", 1) == rouge_l("smoke", "fire") == 0
    assert rouge_n("", "", 1) == rouge_l("", "") == 0


def test_rouge_l_needs_the_order_and_rouge_1_does_not() -> None:
    assert rouge_n("comes smoke", "smoke comes", 1) == 1
    assert rouge_l("comes smoke", "smoke comes") == pytest.approx(0.5)


def test_a_division_like_the_wanted_one_has_no_error() -> None:
    assert p_k(10, [5], [5]) == window_diff(10, [5], [5]) == 0


def test_a_bound_too_many_is_worse_by_window_diff() -> None:
    assert window_diff(12, [6], [6, 7]) > p_k(12, [6], [6, 7])


def test_no_division_is_wrong_wherever_a_bound_should_be() -> None:
    # Windows of two units that straddle the bound: two of eight.
    assert p_k(10, [5], []) == pytest.approx(2 / 8)
