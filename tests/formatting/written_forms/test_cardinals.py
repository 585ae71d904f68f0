import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.cardinals import MAX_CARDINAL, spell_cardinal
from earshot.formatting.written_forms.cardinals import read_below_hundred, read_cardinal
from earshot.formatting.written_forms.spoken import Spoken
from earshot.transcript.words import Word


def say(text: str) -> Spoken:
    return Spoken(
        [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    )


@given(st.one_of(st.integers(0, 9999), st.integers(0, MAX_CARDINAL)))
def test_every_number_that_is_spelled_out_reads_back(number: int) -> None:
    words = spell_cardinal(number)
    read = read_cardinal(say(" ".join(words)), 0)
    assert read is not None
    assert (read.value, read.end) == (number, len(words))


@given(st.integers(1, 999), st.integers(1, 99), st.sampled_from(["hundred", "thousand", "million"]))
def test_an_and_before_the_last_two_digits_changes_nothing(big: int, rest: int, scale: str) -> None:
    big = big % 9 + 1 if scale == "hundred" else big
    text = " ".join([*spell_cardinal(big), scale, "and", *spell_cardinal(rest)])
    read = read_cardinal(say(text), 0)
    size = {"hundred": 100, "thousand": 1000, "million": 10**6}[scale]
    assert read is not None
    assert read.value == big * size + rest


@pytest.mark.parametrize(
    ("text", "value", "n_words"),
    [
        ("twenty one hundred and eleven", 2111, 5),
        ("a hundred and five", 105, 4),
        ("one hundred and two hundred", 100, 2),
        ("two hundred three hundred", 200, 2),
        ("five hundred and ten thousand", 510_000, 5),
        ("one million and two hundred thousand", 10**6, 2),
        ("two thousand three thousand", 2000, 2),
        ("one hundred, five", 100, 2),
        ("seven eight", 7, 1),
    ],
)
def test_two_numbers_never_become_one(text: str, value: int, n_words: int) -> None:
    read = read_cardinal(say(text), 0)
    assert read is not None
    assert (read.value, read.end) == (value, n_words)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("between one hundred and two hundred", 100),
        ("between five hundred and ten thousand", 500),
        ("between one hundred and fifty and two hundred", 150),
    ],
)
def test_after_between_the_last_and_parts_two_numbers(text: str, value: int) -> None:
    read = read_cardinal(say(text), 1)
    assert read is not None
    assert read.value == value


@pytest.mark.parametrize(
    "text", ["hundred", "thousand dogs", "dog", "a dog", "twenty hundred", "and"]
)
def test_what_is_no_number_is_not_read(text: str) -> None:
    assert read_cardinal(say(text), 0) is None


def test_a_single_scale_is_remembered_and_one_among_digits_is_not() -> None:
    eight = read_cardinal(say("eight million"), 0)
    eight_odd = read_cardinal(say("eight million two"), 0)
    assert eight is not None
    assert eight_odd is not None
    assert (eight.scale, eight_odd.scale) == (10**6, 1)


def test_below_a_hundred_zero_is_not_counted() -> None:
    assert read_below_hundred(say("zero"), 0) is None
    assert read_below_hundred(say("ninety nine"), 0) == (99, 2, 1)
