from concurrent.futures import ThreadPoolExecutor

import pytest

from earshot.llm.usage import (
    MAX_TOLD,
    Usage,
    UsageMeter,
    estimate_tokens,
    estimate_usage,
    usage_in,
)
from earshot.transcript.findings import TokensUsed


def test_tokens_are_added_up() -> None:
    assert Usage(1, 2) + Usage(3, 4) == Usage(4, 6)


def test_a_meter_tells_each_model_s_sum_once() -> None:
    meter = UsageMeter()
    for model, used in (("tiny", Usage(1, 2)), ("large", Usage(5, 5)), ("tiny", Usage(3, 4))):
        meter.add(model, used)
    assert meter.take() == (TokensUsed("tiny", 4, 6), TokensUsed("large", 5, 5))
    assert meter.take() == ()


def test_nothing_is_lost_where_many_count_at_once() -> None:
    meter = UsageMeter()
    with ThreadPoolExecutor(8) as pool:
        for _ in range(2000):
            pool.submit(meter.add, "tiny", Usage(1, 0))
    assert meter.take() == (TokensUsed("tiny", 2000, 0),)


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {},
        {"prompt_tokens": "5", "completion_tokens": 2},
        {"prompt_tokens": 5},
        {"prompt_tokens": -1, "completion_tokens": 2},
        {"prompt_tokens": MAX_TOLD + 1, "completion_tokens": 2},  # no database holds any number
    ],
)
def test_what_is_no_count_is_none(told: object) -> None:
    assert usage_in(told) is None


def test_what_an_endpoint_counted_is_taken() -> None:
    assert usage_in({"prompt_tokens": 5, "completion_tokens": 0}) == Usage(5, 0)


def test_four_letters_are_about_a_token() -> None:
    assert [estimate_tokens(text) for text in ("", "a", "abcd", "abcde")] == [0, 1, 1, 2]
    assert estimate_usage(["abcd", "a"], "abcde") == Usage(2, 2)
