import numpy as np

from earshot.understanding.entities.word_features import (
    LISTS,
    N_FLAGS,
    N_PIECES,
    describe_words,
    key_of,
)


def test_a_word_is_known_without_its_marks_its_case_and_its_possessive() -> None:
    assert [key_of(word) for word in ("\"Jane's,", "Smith.", "boss\u2019", "\u2026")] == [
        "jane",
        "smith",
        "boss",
        "\u2026",
    ]


def test_every_word_has_a_row_and_pieces_that_its_case_does_not_change() -> None:
    described, lower = describe_words(["Jane", "Smith"]), describe_words(["jane", "smith"])
    assert described.flags.shape == (2, N_FLAGS)
    assert described.pieces.shape == (2, N_PIECES)
    assert np.array_equal(described.pieces, lower.pieces)
    assert not np.array_equal(described.flags, lower.flags)


def test_a_phrase_of_a_list_flags_its_first_word_and_the_others() -> None:
    column = N_FLAGS - 2 * len(LISTS) + 2 * LISTS.index("drugs.txt")
    flags = describe_words(["she", "takes", "folic", "acid", "now"]).flags
    assert flags[:, column].tolist() == [0, 0, 1, 0, 0]
    assert flags[:, column + 1].tolist() == [0, 0, 0, 1, 0]


def test_no_words_have_no_rows() -> None:
    assert describe_words([]).flags.shape == (0, N_FLAGS)
