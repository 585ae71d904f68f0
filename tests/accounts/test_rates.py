from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from earshot.accounts.rates import WindowedRates
from earshot.testing import NOON


def test_as_many_as_the_limit_pass_in_a_window_and_then_again() -> None:
    rates = WindowedRates()
    assert [rates.take("law", 2, NOON) for _ in range(3)] == [None, None, 300]
    assert rates.take("law", 2, NOON + timedelta(minutes=4, seconds=59.5)) == 1
    assert rates.take("law", 2, NOON + timedelta(minutes=5)) is None


def test_one_project_takes_nothing_from_another() -> None:
    rates = WindowedRates()
    assert rates.take("law", 1, NOON) is None
    assert rates.take("press", 1, NOON) is None


def test_of_many_at_once_no_more_pass_than_may() -> None:
    rates = WindowedRates()
    with ThreadPoolExecutor(16) as pool:
        passed = list(pool.map(lambda _: rates.take("law", 50, NOON), range(200)))
    assert passed.count(None) == 50


def test_a_clock_that_is_set_back_keeps_nobody_out() -> None:
    rates = WindowedRates()
    assert [rates.take("law", 1, NOON) for _ in range(2)] == [None, 300]
    earlier = NOON - timedelta(hours=5)
    assert [rates.take("law", 1, earlier) for _ in range(2)] == [None, 300]


def test_those_who_ask_no_more_are_forgotten() -> None:
    rates = WindowedRates()
    for number in range(1000):
        rates.take(number, 1, NOON)
    rates.take("law", 1, NOON + timedelta(minutes=5))
    assert rates.n_counted == 1
