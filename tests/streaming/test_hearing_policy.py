import pytest

from earshot.streaming.hearing_policy import HearingPolicy


@pytest.mark.parametrize(
    ("min_silence_ms", "frames"),
    [(0, 3), (160, 3), (256, 6), (384, 10), (400, 10), (2400, 10)],  # of 32 ms
)
def test_the_last_words_are_heard_a_little_before_the_shortest_silence_that_ends_a_turn(
    min_silence_ms: int, frames: int
) -> None:
    assert HearingPolicy().settle_frames_before(min_silence_ms) == frames


def test_a_turn_is_long_and_then_full() -> None:
    policy = HearingPolicy(long_turn_words=3, max_turn_words=5, max_redacted_words=9)
    words = range(11)
    assert [policy.is_long(n, is_redacted=False) for n in words].index(True) == 3
    assert [policy.is_full(n, is_redacted=False) for n in words].index(True) == 5


def test_a_turn_in_which_something_is_hidden_ends_in_no_short_pause_and_is_full_later() -> None:
    policy = HearingPolicy(long_turn_words=3, max_turn_words=5, max_redacted_words=9)
    words = range(11)
    assert not any(policy.is_long(n, is_redacted=True) for n in words)
    assert [policy.is_full(n, is_redacted=True) for n in words].index(True) == 9
