from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.cardinals import spell_digits
from earshot.formatting.written_forms.digit_strings import write_digit_string
from earshot.formatting.written_forms.forms import Style
from earshot.formatting.written_forms.spoken import Spoken
from earshot.transcript.words import Word


def say(text: str) -> Spoken:
    return Spoken(
        [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    )


def write(text: str, style: Style = Style.PROSE, *, at: int = 0) -> str | None:
    forms = write_digit_string(say(text), at, style)
    return " ".join(form.text for form in forms) if forms else None


@given(st.from_regex("[0-9]{3,20}", fullmatch=True))
def test_no_digit_is_lost_or_added(digits: str) -> None:
    written = write(" ".join(spell_digits(digits)), Style.VALUE)
    steps = {int(b) - int(a) for a, b in pairwise(digits)}
    if written is None:
        assert len(digits) >= 4
        assert steps in ({1}, {-1})
    else:
        assert "".join(filter(str.isdigit, written)) == digits


@given(st.from_regex("[0-9]{4}", fullmatch=True).filter(lambda d: len(set(d)) > 2))
def test_a_card_number_is_four_words_with_times_of_their_own(group: str) -> None:
    forms = write_digit_string(say(" ".join(spell_digits(group * 4))), 0, Style.PROSE)
    assert forms is not None
    assert forms == ((group, 4), (group, 8), (group, 12), (group, 16))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plus nine one one two three one two three five six seven eight", "+91 123-123-5678"),
        ("plus forty four one two three one two three five six seven eight", "+44 123-123-5678"),
        ("double oh three one two three five six seven eight", "003-123-5678"),
        ("one eight hundred", None),
        ("one two three point five", None),
        ("one two three dot one double three dot o dot four o", "123.133.0.40"),
        ("three hundred dot one dot one dot one", None),
        ("one two three four five", None),
        ("a b nine", None),
        ("two three", None),
        ("plus five", None),
    ],
)
def test_only_what_is_said_digit_by_digit_is_joined(text: str, expected: str | None) -> None:
    assert write(text) == expected


def test_cues_tell_a_phone_number_and_a_social_security_number() -> None:
    assert write("call five five five one two one two", at=1) == "555-1212"
    assert write("it is five five five one two one two", at=2) == "5551212"
    text = "social security number is seven double nine one two three double one three"
    assert write(text, at=4) == "799-12-3113"


def test_commas_between_digits_are_passed_over_in_long_numbers_only() -> None:
    assert write("five, five, five, one, two, one, two") == "5551212"
    assert write("five, five, five, one") is None


def test_a_serial_number_is_joined_where_it_stands_alone() -> None:
    assert write("x eighty six", Style.VALUE) == "x86"
    assert write("a b c", Style.VALUE) is None
