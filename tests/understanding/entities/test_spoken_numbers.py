"""Numbers as they are said."""

import pytest

from earshot.understanding.entities.spoken_numbers import is_digit, is_number_word, read_figures


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("four", "4"),
        ("forty one", "41"),
        ("one hundred and twenty five", "125"),
        ("two thousand five", "2005"),
        ("three million two hundred thousand", "3200000"),
        ("double five", "55"),
        ("triple zero", "000"),
        ("twenty first", "21st"),
        ("thirtieth", "30th"),
    ],
)
def test_a_number_is_read_as_the_digits_that_would_be_written(said: str, digits: str) -> None:
    words = said.split()
    assert read_figures(words, 0) == (digits, len(words))


def test_groups_stay_apart() -> None:
    words = ["forty", "one", "eleven"]
    assert read_figures(words, 0) == ("41", 2)
    assert read_figures(words, 2) == ("11", 3)


@pytest.mark.parametrize(
    ("words", "index"), [(["oh", "five"], 0), (["five", "oh"], 1), (["f", "oh"], 1)]
)
def test_oh_is_a_zero_beside_what_is_spelled(words: list[str], index: int) -> None:
    assert read_figures(words, index) == ("0", index + 1)


@pytest.mark.parametrize("words", [["oh", "dear"], ["o", "l"], ["second"], ["dog"]])
def test_other_words_are_no_numbers(words: list[str]) -> None:
    assert read_figures(words, 0) is None


def test_words_for_numbers_are_known() -> None:
    assert is_number_word("twelve")
    assert not is_number_word("twelfth")
    assert is_digit("7")
    assert not is_digit("ten")
