from hypothesis import given
from hypothesis import strategies as st

from earshot.recognition.repetition import MAX_PERIOD_TOKENS, find_repetition


def test_a_token_said_six_times_is_a_loop_and_its_first_round_is_kept() -> None:
    assert find_repetition([7, 8, 5, 5, 5, 5, 5, 5]) == 3


def test_a_sentence_said_four_times_is_a_loop_and_its_first_round_is_kept() -> None:
    sentence = [11, 12, 13, 14, 15, 16]
    assert find_repetition([1, 2, *sentence * 4]) == 2 + len(sentence)


def test_the_longest_pattern_that_is_looked_for_is_found() -> None:
    pattern = list(range(MAX_PERIOD_TOKENS))
    assert find_repetition(pattern * 4) == MAX_PERIOD_TOKENS


def test_words_repeated_in_earnest_are_no_loop() -> None:
    assert find_repetition([5, 5, 5]) is None  # "no no no"
    assert find_repetition([5, 6] * 4) is None  # "bye bye bye bye" of two tokens each
    assert find_repetition([11, 12, 13, 14, 15, 16] * 3) is None  # said three times


def test_a_loop_that_has_been_left_again_is_no_loop() -> None:
    assert find_repetition([*[5] * 6, 9]) is None


def test_nothing_said_is_no_loop() -> None:
    assert find_repetition([]) is None


@given(st.lists(st.integers(0, 3), max_size=60))
def test_what_is_kept_is_a_beginning_of_what_was_said_and_shorter(tokens: list[int]) -> None:
    keep = find_repetition(tokens)
    assert keep is None or 0 < keep < len(tokens)


@given(
    st.lists(st.integers(0, 9), max_size=20), st.lists(st.integers(0, 9), min_size=1, max_size=12)
)
def test_any_pattern_is_found_once_it_has_come_six_times(
    before: list[int], pattern: list[int]
) -> None:
    tokens = before + pattern * 6
    keep = find_repetition(tokens)
    assert keep is not None
    assert keep <= len(tokens) - 3


@given(st.lists(st.integers(), max_size=60, unique=True))
def test_tokens_that_all_differ_are_never_a_loop(tokens: list[int]) -> None:
    assert find_repetition(tokens) is None
