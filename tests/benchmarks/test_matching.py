from benchmarks.matching import match_words


def test_words_are_matched_whatever_their_case_and_punctuation() -> None:
    assert match_words(["ask", "not"], ["Ask,", "not!"]) == [(0, 0), (1, 1)]


def test_wrong_words_are_in_no_pair() -> None:
    assert match_words(["a", "cat", "sat"], ["A", "dog", "sat", "down."]) == [(0, 0), (2, 2)]


def test_a_word_of_several_pieces_is_right_only_if_all_of_them_are() -> None:
    assert match_words(["i", "do", "not"], ["I", "don't"]) == [(0, 0), (1, 1)]
    assert match_words(["i", "do"], ["I", "don't"]) == [(0, 0)]


def test_fillers_are_in_no_pair() -> None:
    assert match_words(["um", "yes"], ["Um,", "yes"]) == [(1, 1)]


def test_nothing_said_or_nothing_heard_gives_no_pairs() -> None:
    assert match_words([], ["Thanks."]) == []
    assert match_words(["yes"], []) == []
