import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.cardinals import spell_ordinal
from earshot.formatting.written_forms.forms import Style
from earshot.formatting.written_forms.ordinals import ordinal_text, read_ordinal, write_ordinal
from earshot.formatting.written_forms.spoken import Spoken
from earshot.transcript.words import Word


def say(text: str) -> Spoken:
    return Spoken(
        [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    )


def write(text: str, style: Style = Style.PROSE) -> str | None:
    forms = write_ordinal(say(text), 0, style)
    return " ".join(form.text for form in forms) if forms else None


@given(st.integers(1, 10**9))
def test_every_ordinal_that_is_spelled_out_reads_back(number: int) -> None:
    words = spell_ordinal(number)
    read = read_ordinal(say(" ".join(words)), 0)
    assert read is not None
    assert (read.value, read.end) == (number, len(words))


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (112, "112th"), (21, "21st")],
)
def test_the_ending_follows_the_last_digits(number: int, text: str) -> None:
    assert ordinal_text(number) == text


def test_small_ordinals_stay_words_in_prose() -> None:
    assert write("third") is None
    assert write("third", Style.VALUE) == "3rd"
    assert write("tenth") == "10th"


def test_twenty_second_may_be_a_length_of_time() -> None:
    assert write("twenty second") is None
    assert write("twenty second", Style.VALUE) == "22nd"
    assert write("one hundred twenty second") == "122nd"
