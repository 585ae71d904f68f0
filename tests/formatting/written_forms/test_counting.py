import pytest

from earshot.formatting.written_forms.counting import (
    is_counted,
    is_end_of_range,
    is_listed_small,
    shares_scale,
)
from earshot.formatting.written_forms.spoken import Spoken
from earshot.transcript.words import Word


def say(text: str) -> Spoken:
    return Spoken(
        [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    )


@pytest.mark.parametrize(("text", "counted"), [("dogs", True), ("people", True), ("was", False)])
def test_plurals_are_counted(text: str, counted: bool) -> None:
    assert is_counted(text) is counted


def test_a_number_before_to_makes_a_range() -> None:
    assert is_end_of_range(say("ten to twenty"), 2)
    assert not is_end_of_range(say("went to twenty"), 2)


def test_a_range_shares_the_scale_that_its_first_number_lacks() -> None:
    assert shares_scale(say("three or four hundred"), 2, 4)
    assert not shares_scale(say("three hundred or four hundred"), 3, 5)
    assert not shares_scale(say("three or forty"), 2, 3)


def test_a_list_of_small_numbers_is_spelled_out_to_its_end() -> None:
    assert is_listed_small(say("nine, ten"), 2, 3)
    assert is_listed_small(say("ten, nine"), 0, 1)
    assert not is_listed_small(say("ten, eleven"), 0, 1)
