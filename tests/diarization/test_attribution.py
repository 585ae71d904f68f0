from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.diarization.attribution import attribute_speakers
from earshot.diarization.diarizer import Stretch
from earshot.diarization.speakers import Speaker
from earshot.transcript.words import Word

WORD_MS = 250


def said(text: str, start_ms: int = 0) -> list[Word]:
    """Words of WORD_MS that follow one another; `_` is a pause as long as a word."""
    return [
        Word(word, start_ms + WORD_MS * i, start_ms + WORD_MS * (i + 1), 0.9)
        for i, word in enumerate(text.split())
        if word != "_"
    ]


def speaker(*stretches: tuple[int, int]) -> Speaker:
    return Speaker(tuple(Stretch(*stretch) for stretch in stretches), embedding=None)


def attributed(words: Sequence[Word], *speakers: Speaker) -> str:
    """The words with a bar wherever the speaker changes."""
    indexes = attribute_speakers(words, speakers)
    text = words[0].text
    for before, index, word in zip(indexes, indexes[1:], words[1:], strict=False):
        text += f" | {word.text}" if index != before else f" {word.text}"
    return text


def test_no_words_have_no_speakers() -> None:
    assert attribute_speakers([], []) == []
    assert attribute_speakers([], [speaker((0, 100)), speaker((100, 200))]) == []


def test_every_word_has_a_speaker_even_where_nobody_was_found() -> None:
    assert attribute_speakers(said("well said"), []) == [0, 0]
    assert attribute_speakers(said("well said"), [speaker((9000, 9500))]) == [0, 0]


def test_each_word_goes_to_whoever_speaks_during_it() -> None:
    words = said("How are you? Fine, thank you. And you?")
    found = attribute_speakers(words, [speaker((0, 750), (1500, 2000)), speaker((750, 1500))])
    assert found == [0, 0, 0, 1, 1, 1, 0, 0]


@pytest.mark.parametrize("slip_ms", [-200, 0, 200])
def test_a_sentence_is_not_cut_where_the_change_was_heard_a_little_early_or_late(
    slip_ms: int,
) -> None:
    words = said("I will go there. You will stay here.")
    change_ms = 1000 + slip_ms
    first, second = speaker((0, change_ms)), speaker((change_ms, 2000))
    assert attributed(words, first, second) == "I will go there. | You will stay here."


def test_a_wobble_in_the_middle_of_a_sentence_does_not_cut_it() -> None:
    words = said("We went to the market and then home again.")
    first, second = speaker((0, 750), (1000, 2500)), speaker((750, 1000))
    assert "|" not in attributed(words, first, second)


def test_a_short_answer_of_another_speaker_survives() -> None:
    words = said("We went to the market. Yeah. And then home again.")
    first, second = speaker((0, 1250), (1500, 3000)), speaker((1250, 1500))
    assert (
        attributed(words, first, second) == "We went to the market. | Yeah. | And then home again."
    )


def test_a_speaker_who_cuts_in_with_several_words_is_heard_without_any_mark() -> None:
    words = said("so we went to no I was there first and then")
    first, second = speaker((0, 1000), (2250, 2750)), speaker((1000, 2250))
    assert attributed(words, first, second) == "so we went to | no I was there first | and then"


def test_a_word_in_nobodys_stretch_goes_to_the_nearest() -> None:
    words = [Word("Well.", 1000, 1200, 0.9)]
    assert attribute_speakers(words, [speaker((0, 500)), speaker((1300, 2000))]) == [1]
    assert attribute_speakers(words, [speaker((0, 900)), speaker((1500, 2000))]) == [0]


def test_where_two_speak_at_once_a_word_stays_with_who_was_speaking() -> None:
    words = said("One two three four. Five six seven eight.")
    first, second = speaker((0, 1000)), speaker((500, 2000))
    assert attributed(words, first, second) == "One two three four. | Five six seven eight."


TIMES = st.lists(st.integers(0, 5000), min_size=2, max_size=12, unique=True).map(sorted)


def stretches_of(times: list[int]) -> list[tuple[int, int]]:
    return list(zip(times[::2], times[1::2], strict=False))


@given(TIMES, st.lists(TIMES, max_size=5))
def test_any_words_and_speakers_give_each_word_one_that_exists(
    word_times: list[int], speaker_times: list[list[int]]
) -> None:
    words = [Word("a", *span, 0.9) for span in stretches_of(word_times)]
    speakers = [speaker(*stretches_of(times)) for times in speaker_times]
    indexes = attribute_speakers(words, speakers)
    assert len(indexes) == len(words)
    assert set(indexes) <= set(range(max(1, len(speakers))))
