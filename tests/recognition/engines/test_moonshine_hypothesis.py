import numpy as np
import pytest

from earshot.recognition.engines.moonshine_hypothesis import (
    END_TOKEN,
    Hypothesis,
    logprobs_of_columns,
    logprobs_of_tokens,
    pick,
)

LOGITS = np.log(np.array([[0.7, 0.2, 0.1], [0.25, 0.25, 0.5]], dtype=np.float32)) + 3


def add(hypothesis: Hypothesis, token: int) -> None:
    nothing = np.zeros(0, dtype=np.float32)
    attention = np.zeros((3, 8, 9), dtype=np.float32)
    hypothesis.add(token, -0.5, attention, nothing, nothing)


def test_the_likeliest_token_of_each_row_is_picked_with_its_log_probability() -> None:
    tokens, logprobs = pick(LOGITS)
    assert tokens.tolist() == [0, 2]
    assert np.exp(logprobs) == pytest.approx([0.7, 0.5], abs=1e-6)


def test_log_probabilities_of_given_tokens_and_of_columns_are_those_of_the_scores() -> None:
    tokens = np.array([1, 0])
    logprobs = logprobs_of_tokens(LOGITS, tokens)
    assert np.exp(logprobs) == pytest.approx([0.2, 0.25], abs=1e-6)
    columns = np.exp(logprobs_of_columns(np.array([0, 2]), LOGITS, tokens, logprobs))
    assert columns.tolist() == [pytest.approx([0.7, 0.1], abs=1e-6), pytest.approx([0.25, 0.5])]


def test_a_hypothesis_ends_with_the_end_token_or_where_no_more_may_follow() -> None:
    ended, full = Hypothesis(9, 4), Hypothesis(2, 4)
    for token in (5, END_TOKEN):
        add(ended, token)
    for token in (5, 6):
        add(full, token)
    assert ended.is_done
    assert full.is_done
    assert not ended.is_repetitive
    assert ended.mean_logprob == -0.5


def test_attention_to_padding_is_left_out() -> None:
    hypothesis = Hypothesis(9, 4)
    add(hypothesis, 5)
    assert hypothesis.attention[0].shape == (3, 8, 4)


def test_a_loop_is_cut_down_to_its_first_round() -> None:
    hypothesis = Hypothesis(400, 4)
    n_added = 0
    while not hypothesis.is_done:
        add(hypothesis, 5 + n_added % 3)
        n_added += 1
    assert hypothesis.is_repetitive
    assert len(hypothesis.tokens) < n_added
    assert len(hypothesis.tokens) == len(hypothesis.logprobs) == len(hypothesis.attention)


def test_nothing_has_no_likelihood() -> None:
    assert Hypothesis(9, 4).mean_logprob == float("-inf")


def test_another_answer_to_the_same_speech_is_no_less_speech() -> None:
    hypothesis = Hypothesis(9, 4)
    add(hypothesis, 5)
    hypothesis.least_logprob = -0.2
    assert hypothesis.mean_logprob == -0.2
    hypothesis.least_logprob = -0.9
    assert hypothesis.mean_logprob == -0.5
