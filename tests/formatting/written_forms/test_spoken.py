import pytest

from earshot.formatting.written_forms.spoken import COMMA, STOP, Spoken, is_mark
from earshot.transcript.words import Word


def say(text: str) -> Spoken:
    return Spoken(
        [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    )


def texts(spoken: Spoken) -> list[str]:
    return [part.text for part in spoken.parts]


def test_compounds_of_numbers_come_apart_and_others_do_not() -> None:
    assert texts(say("Twenty-one well-known")) == ["twenty", "one", "well-known"]


def test_a_comma_and_any_other_mark_are_parts_of_their_own() -> None:
    assert texts(say('Five, six. "Seven" (eight)')) == [
        *["five", COMMA, "six", STOP, "seven", STOP, "eight"],
    ]


def test_the_full_stop_of_letters_is_no_mark() -> None:
    assert texts(say("8 p.m. on")) == ["8", "pm", "on"]


def test_another_speaker_or_a_long_silence_is_a_mark() -> None:
    words = [Word("one", 0, 100, 1.0, "A"), Word("two", 100, 200, 1.0, "B")]
    assert texts(Spoken(words)) == ["one", STOP, "two"]
    words = [Word("one", 0, 100, 1.0), Word("two", 1601, 1700, 1.0)]
    assert texts(Spoken(words)) == ["one", STOP, "two"]


@pytest.mark.parametrize("index", [-5, -1, 1, 99])
def test_there_are_only_stops_beyond_either_end(index: int) -> None:
    assert say("one")[index] == STOP


def test_the_recognized_case_is_kept_beside_the_lower_one() -> None:
    spoken = say("Two P M")
    assert spoken[1] == "p"
    assert spoken.original(1) == "P"
    assert spoken.follows(1, "p", "m")
    assert not spoken.follows(2, "m", "x")


def test_a_part_knows_where_its_word_begins_and_ends() -> None:
    spoken = say("twenty-one dogs")
    assert [spoken.is_first_of_word(i) for i in range(3)] == [True, False, True]
    assert [spoken.is_last_of_word(i) for i in range(3)] == [False, True, True]


def test_marks_are_told_from_words() -> None:
    assert is_mark(COMMA)
    assert not is_mark("one")
