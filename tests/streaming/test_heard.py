from dataclasses import replace

import pytest

from earshot.audio.speech import Span
from earshot.recognition.recognizer import Recognition
from earshot.streaming.heard import LastHearing, heard_words
from earshot.transcript.words import Word


def recognition(*texts: str, mean_logprob: float = -0.1, word_ms: int = 100) -> Recognition:
    words = tuple(
        Word(text, place * word_ms, (place + 1) * word_ms, 0.9) for place, text in enumerate(texts)
    )
    return Recognition(words, mean_logprob, is_repetitive=False)


def test_words_lose_their_marks_and_capitals_but_keep_how_they_were_written() -> None:
    first, second = heard_words(recognition("Well,", "said!"), 0, [], is_english=True)
    assert (first.text, first.form) == ("well", "Well,")
    assert (second.text, second.form) == ("said", "said!")


def test_times_count_from_the_start_of_the_session() -> None:
    (word,) = heard_words(recognition("Yes."), 32_000, [], is_english=True)
    assert (word.start_ms, word.end_ms) == (2000, 2100)


def test_a_word_is_drawn_in_to_the_speech_that_it_overlaps() -> None:
    speech = [Span(800, 1200)]
    (word,) = heard_words(recognition("Yes."), 0, speech, is_english=True)
    assert (word.start_ms, word.end_ms) == (50, 75)


def test_numbers_are_spelled_out() -> None:
    words = heard_words(recognition("Take", "25."), 0, [], is_english=True)
    assert [word.text for word in words] in (["take", "twenty", "five"], ["take", "twenty-five"])


def test_a_mark_alone_is_no_word() -> None:
    words = heard_words(recognition("Well", "-", "said"), 0, [], is_english=True)
    assert [word.text for word in words] == ["well", "said"]


def test_words_glued_by_a_dash_come_apart() -> None:
    words = heard_words(recognition("well--said"), 0, [], is_english=True)
    assert [(word.text, word.form) for word in words] == [("well", "well"), ("said", "said")]


@pytest.mark.parametrize("mean_logprob", [-1.2, float("-inf")])
def test_an_unlikely_answer_is_not_believed(mean_logprob: float) -> None:
    unlikely = recognition("Thank", "you.", mean_logprob=mean_logprob)
    assert heard_words(unlikely, 0, [], is_english=True) == []


def test_words_after_the_end_of_the_audio_are_not_believed() -> None:
    hasty = recognition("and", "so", "on", "again", word_ms=1)
    assert heard_words(hasty, 0, [], is_english=True) == []


def test_a_draft_has_the_words_from_some_place_on_as_they_were_written() -> None:
    last = LastHearing(recognition("Take", "25", "steps."), 16_000)
    assert last.draft(0).words == last.draft(16_000).words == ("Take", "25", "steps.")
    assert last.draft(17_600).words == ("25", "steps.")
    assert last.draft(32_000).words == ()


def test_an_engine_gets_its_memory_back() -> None:
    memory = object()
    last = LastHearing(replace(recognition("Well"), memory=memory), 16_000)
    assert last.draft(16_000).memory is memory
    assert last.draft(16_384).memory is memory  # what begins otherwise, the engine finds out
