import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.transcript.times import ms_to_samples, ms_to_whole_s, read_time, samples_to_ms


@pytest.mark.parametrize(
    ("n_samples", "sample_rate", "ms"),
    [
        (0, 16_000, 0),
        (16_000, 16_000, 1_000),
        (8, 16_000, 1),
        (7, 16_000, 0),
        (44_100, 44_100, 1_000),
    ],
)
def test_samples_are_rounded_to_the_nearest_millisecond(
    n_samples: int, sample_rate: int, ms: int
) -> None:
    assert samples_to_ms(n_samples, sample_rate) == ms


@given(st.integers(0, 36_000_000), st.sampled_from([8_000, 11_025, 16_000, 44_100, 192_000]))
def test_milliseconds_survive_the_way_to_samples_and_back(ms: int, sample_rate: int) -> None:
    assert samples_to_ms(ms_to_samples(ms, sample_rate), sample_rate) == ms


@given(st.integers(0, 36_000_000))
def test_the_sample_of_a_time_is_the_first_at_or_after_it(ms: int) -> None:
    sample = ms_to_samples(ms, 44_100)
    assert sample * 1000 >= ms * 44_100
    assert (sample - 1) * 1000 < ms * 44_100


@pytest.mark.parametrize(("ms", "seconds"), [(0, 0), (1, 1), (1_000, 1), (1_280, 2), (1_001, 2)])
def test_whole_seconds_are_rounded_up(ms: int, seconds: int) -> None:
    assert ms_to_whole_s(ms) == seconds


def test_hours_are_told_from_the_first_on() -> None:
    assert read_time(0) == "00:00"
    assert read_time(3_599_999) == "59:59"
    assert read_time(3_600_000) == "1:00:00"
