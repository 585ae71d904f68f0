"""The counts behind every word error rate that we publish."""

from earshot.evaluation.scoring import (
    ErrorCounts,
    count_character_errors,
    count_errors,
    count_errors_of_speakers,
    error_rate,
    total_of,
)


def test_equal_words_are_no_error_whatever_their_case_and_punctuation() -> None:
    assert count_errors("ask not", "Ask, not!") == ErrorCounts(n_words=2)


def test_each_kind_of_error_is_counted_apart() -> None:
    assert count_errors("a cat sat here", "a dog sat") == ErrorCounts(4, 1, 1, 0)
    assert count_errors("a cat", "a big cat") == ErrorCounts(2, 0, 0, 1)


def test_no_hypothesis_deletes_every_word() -> None:
    assert count_errors("a cat sat", "") == ErrorCounts(3, 0, 3, 0)


def test_words_where_the_reference_has_only_fillers_are_insertions() -> None:
    assert count_errors("Mm. Hmm.", "thank you") == ErrorCounts(0, 0, 0, 2)


def test_speakers_may_come_in_any_order() -> None:
    speakers = ["good morning", "how are you", "fine"]
    assert count_errors_of_speakers(speakers, "fine good morning how are you").n_errors == 0


def test_the_words_of_one_speaker_may_not_change_places() -> None:
    assert count_errors_of_speakers(["good morning", "fine"], "morning fine good").n_errors > 0


def test_a_rate_is_of_all_words_and_not_a_mean_of_rates() -> None:
    rate = error_rate([ErrorCounts(90, 0, 0, 0), ErrorCounts(10, 10, 0, 0)])
    assert rate.percent == 10.0


def test_the_interval_holds_the_rate_and_narrows_with_more_clips() -> None:
    few = [ErrorCounts(10, n_wrong, 0, 0) for n_wrong in (0, 1, 2, 3)]
    narrow, wide = error_rate(few * 25), error_rate(few)
    assert wide.low_percent < narrow.low_percent < wide.percent
    assert wide.percent < narrow.high_percent < wide.high_percent


def test_totals_add_up_every_kind() -> None:
    assert total_of([ErrorCounts(5, 1, 2, 3), ErrorCounts(1, 1, 0, 0)]) == ErrorCounts(6, 2, 2, 3)


def test_characters_are_counted_apart_from_words() -> None:
    assert count_character_errors("cat", "cut") == ErrorCounts(3, 1, 0, 0)
    assert count_character_errors("", "cut") == ErrorCounts(0, 0, 0, 3)


def test_other_languages_keep_the_words_that_english_drops() -> None:
    assert count_errors("um drei Uhr", "drei Uhr", is_english=False) == ErrorCounts(3, 0, 1, 0)
    assert count_errors("um three", "three") == ErrorCounts(1)
