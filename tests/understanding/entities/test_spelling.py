"""Letters that were said one by one."""

import pytest

from earshot.understanding.entities.spelling import is_code, is_letter, read_letter
from earshot.understanding.entities.tokens import split_tokens
from tests.understanding.saying import say


@pytest.mark.parametrize(
    ("said", "letter"),
    [
        ("double u", ("w", 2)),
        ("triple w", ("www", 2)),
        ("b as in boy", ("b", 4)),
        ("b for bravo", ("b", 3)),
        ("bravo charlie", ("b", 1)),
        ("zed x", ("z", 1)),
    ],
)
def test_a_letter_is_told_in_many_ways(said: str, letter: tuple[str, int]) -> None:
    assert read_letter(split_tokens(say(said)), 0) == letter


@pytest.mark.parametrize("said", ["mike called", "hotel rooms", "double trouble"])
def test_names_of_letters_alone_are_words(said: str) -> None:
    assert read_letter(split_tokens(say(said)), 0) is None


def test_a_code_is_of_letters_and_numbers() -> None:
    assert is_code("b")
    assert is_code("seven")
    assert is_code("42")
    assert not is_code("house")
    assert not is_letter("\u00e9")
