from datetime import timedelta

from earshot.accounts.autoscale import AutoscaledRate, AutoscaledRates
from earshot.testing import NOON

MINUTE = timedelta(minutes=1)


def begun(rate: AutoscaledRate, minute: int, n_tried: int, base: int = 10) -> int:
    return sum(rate.take(base, NOON + minute * MINUTE) for _ in range(n_tried))


def test_it_grows_by_a_tenth_each_minute_that_it_is_well_used() -> None:
    rate = AutoscaledRate(10, NOON)
    assert [begun(rate, minute, 100) for minute in range(4)] == [10, 11, 12, 13]


def test_it_holds_while_half_of_it_is_used_and_decays_to_the_base_below_that() -> None:
    rate = AutoscaledRate(10, NOON)
    for minute in range(3):
        begun(rate, minute, 100)
    assert begun(rate, 3, 8) == 8  # of 13
    assert begun(rate, 4, 1) == 1  # of 13 still
    assert begun(rate, 5, 100) == 12


def test_it_never_decays_below_the_base() -> None:
    rate = AutoscaledRate(10, NOON)
    begun(rate, 0, 100)
    assert begun(rate, 100_000, 100) == 10


def test_a_new_base_holds_at_once() -> None:
    rate = AutoscaledRate(10, NOON)
    begun(rate, 0, 5)
    assert begun(rate, 0, 100, base=6) == 1


def test_projects_are_counted_apart() -> None:
    rates = AutoscaledRates()
    assert rates.take("law", 1, NOON)
    assert not rates.take("law", 1, NOON)
    assert rates.take("press", 1, NOON)


def test_a_clock_that_is_set_back_keeps_nobody_out() -> None:
    rate = AutoscaledRate(10, NOON)
    assert begun(rate, 300, 100) == 10
    begun(rate, 0, 1)
    assert begun(rate, 1, 100) >= 10


def test_projects_that_begin_no_sessions_are_forgotten() -> None:
    rates = AutoscaledRates()
    for number in range(1000):
        rates.take(str(number), 1, NOON)
    rates.take("law", 1, NOON + 100 * MINUTE)
    assert rates.n_counted == 1
