from earshot.understanding.stop_words import LOOSE_WORDS, STOP_WORDS


def test_no_word_is_in_both_lists() -> None:
    assert set() == STOP_WORDS & LOOSE_WORDS


def test_the_lists_are_in_lower_case() -> None:
    assert all(word == word.lower() for word in STOP_WORDS | LOOSE_WORDS)
