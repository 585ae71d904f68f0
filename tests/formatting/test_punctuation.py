from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.punctuation import strip_punctuation
from earshot.transcript.words import Word


def strip(text: str) -> str:
    words = [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    return " ".join(word.text for word in strip_punctuation(words))


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ('She said, "Go!" (Twice.)', "She said Go Twice"),
        ("don't O'Brien's well-known", "don't O'Brien's well-known"),
        ("'em", "'em"),
        ("3.14, 1,000 10:30. $5.50! 35%; -5 .5", "3.14 1,000 10:30 $5.50 35% -5 .5"),
        ("5\u20136 10-15", "5\u20136 10-15"),
        ("the U.S. at 5 p.m. Ph.D.", "the US at 5 pm PhD"),
        ("wait\u2014what? so...then yes,no", "wait what so then yes no"),
        ("item(s)", "items"),
        ("example.com and/or AT&T", "example.com and/or AT&T"),
        ("one \u2014 two ... three -", "one two three"),
        ("? !", ""),
    ],
)
def test_marks_go_and_what_belongs_to_words_and_numbers_stays(written: str, bare: str) -> None:
    assert strip(written) == bare


def test_words_glued_by_a_dash_share_the_time() -> None:
    first, second = strip_punctuation([Word("wait\u2014what?", 100, 900, 0.9)])
    assert (first.text, first.start_ms, first.end_ms) == ("wait", 100, 500)
    assert (second.text, second.start_ms, second.end_ms) == ("what", 500, 900)


@given(st.text(alphabet="aB5.,;:!?'\"-\u2013\u2014\u2026()%$", min_size=1, max_size=12))
def test_no_letter_and_no_digit_is_lost(text: str) -> None:
    words = strip_punctuation([Word(text, 0, 1_000, 0.9)])
    bare = "".join(word.text for word in words)
    assert [char for char in bare if char.isalnum()] == [char for char in text if char.isalnum()]
    assert all(left.end_ms <= right.start_ms for left, right in pairwise(words))


@given(st.lists(st.sampled_from(["so,", "U.S.", "3.5", "a\u2014b", "'tis", "..."]), max_size=9))
def test_stripping_twice_is_stripping_once(tokens: list[str]) -> None:
    words = [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(tokens)]
    once = strip_punctuation(words)
    assert strip_punctuation(once) == once
