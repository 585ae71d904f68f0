import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.errors import RequestInvalid
from earshot.exports.captions import MAX_SILENCE_MS, render_srt, render_vtt, split_captions
from earshot.transcript.words import Word

SRT_BLOCK = re.compile(
    r"(\d+)\n(\d\d):(\d\d):(\d\d),(\d{3}) --> (\d\d):(\d\d):(\d\d),(\d{3})\n([^\n]+)\n(?:\n|$)"
)


def say(text: str, *, start_ms: int = 0, channel: int | None = None) -> list[Word]:
    """Each word takes 300 ms, 20 ms apart; a "|" is a silence of three seconds."""
    words: list[Word] = []
    for token in text.split():
        if token == "|":
            start_ms += 3_000
            continue
        words.append(Word(token, start_ms, start_ms + 300, 0.9, None, channel))
        start_ms += 320
    return words


def parse_srt(text: str) -> list[tuple[int, int, str]]:
    """(start_ms, end_ms, text) of each block; the numbers must count from 1."""
    parsed: list[tuple[int, int, str]] = []
    position = 0
    while position < len(text):
        block = SRT_BLOCK.match(text, position)
        assert block is not None, text[position : position + 80]
        number, *times = (int(group) for group in block.groups()[:-1])
        assert number == len(parsed) + 1
        start_ms, end_ms = (
            ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms
            for hours, minutes, seconds, ms in (times[:4], times[4:])
        )
        parsed.append((start_ms, end_ms, block.group(10)))
        position = block.end()
    return parsed


def test_srt_has_the_times_and_layout_of_the_published_example() -> None:
    words = [
        Word("Last", 13_160, 13_500, 0.9),
        Word("year.", 13_520, 16_694, 0.9),
        Word("Then", 36_016_734, 36_020_214, 0.9),
    ]
    assert render_srt(words) == (
        "1\n00:00:13,160 --> 00:00:16,694\nLast year.\n\n2\n10:00:16,734 --> 10:00:20,214\nThen\n"
    )


def test_vtt_shows_hours_only_from_the_first_hour_on() -> None:
    words = [Word("early", 12_340, 16_220, 0.9), Word("late", 3_600_000, 3_661_005, 0.9)]
    assert render_vtt(words) == (
        "WEBVTT\n\n00:12.340 --> 00:16.220\nearly\n\n01:00:00.000 --> 01:01:01.005\nlate\n"
    )


def test_vtt_escapes_what_would_be_markup_and_srt_does_not() -> None:
    words = say("R&D <b> -->")
    assert "R&amp;D &lt;b&gt; --&gt;" in render_vtt(words)
    assert "R&D <b> -->" in render_srt(words)


def test_no_words_give_an_empty_srt_and_a_bare_vtt_header() -> None:
    assert render_srt([]) == ""
    assert render_vtt([]) == "WEBVTT\n"


def test_captions_are_about_80_characters_wide_by_default() -> None:
    widths = [len(caption.text) for caption in split_captions(say("seven77 " * 60))]
    assert max(widths) <= 80
    assert all(width > 72 for width in widths[:-1])


def test_a_caption_rather_ends_with_the_sentence_than_full() -> None:
    captions = split_captions(say("It was over by then. So we all went home."), 32)
    assert [caption.text for caption in captions] == [
        "It was over by then.",
        "So we all went home.",
    ]


def test_a_caption_rather_ends_at_a_comma_than_full() -> None:
    captions = split_captions(say("demonstrate that the Arctic ice cap, which for most of"), 42)
    assert captions[0].text == "demonstrate that the Arctic ice cap,"


def test_a_word_longer_than_the_limit_is_a_caption_of_its_own() -> None:
    captions = split_captions(say("an incomprehensibility indeed"), 8)
    assert [caption.text for caption in captions] == ["an", "incomprehensibility", "indeed"]


def test_a_caption_does_not_stay_up_through_a_long_silence() -> None:
    captions = split_captions(say("hello | there"))
    assert [caption.text for caption in captions] == ["hello", "there"]


def test_a_caption_holds_one_speaker() -> None:
    words = [Word("Yes.", 0, 300, 0.9, "A"), Word("No.", 320, 600, 0.9, "B")]
    assert [caption.text for caption in split_captions(words)] == ["Yes.", "No."]


def test_two_channels_have_captions_of_their_own_in_order_of_start() -> None:
    left, right = say("one two three", channel=1), say("four five", start_ms=100, channel=2)
    words = sorted(left + right, key=lambda word: word.start_ms)
    assert [caption.text for caption in split_captions(words)] == ["one two three", "four five"]


@pytest.mark.parametrize("limit", [0, -5])
def test_a_limit_below_one_character_is_refused(limit: int) -> None:
    with pytest.raises(RequestInvalid, match="chars_per_caption must be"):
        render_srt(say("hello"), limit)


@st.composite
def spoken_words(draw: st.DrawFn) -> list[Word]:
    words: list[Word] = []
    time_ms = draw(st.integers(0, 5_000_000))
    for _ in range(draw(st.integers(1, 60))):
        time_ms += draw(st.sampled_from([0, 5, 40, 350, 900, 2_500]))
        length_ms = draw(st.integers(0, 900))
        text = draw(
            st.sampled_from(["a", "Mr.", "end.", "comma,", "R&D", "<i>", "x" * 30, "words"])
        )
        words.append(Word(text, time_ms, time_ms + length_ms, 0.9))
        time_ms += length_ms
    return words


@given(spoken_words(), st.integers(1, 100))
def test_no_caption_exceeds_the_limit_unless_it_is_one_word(words: list[Word], limit: int) -> None:
    for caption in split_captions(words, limit):
        assert len(caption.text) <= limit or " " not in caption.text


@given(spoken_words(), st.integers(1, 100))
def test_captions_never_overlap_and_keep_every_word(words: list[Word], limit: int) -> None:
    captions = split_captions(words, limit)
    assert " ".join(caption.text for caption in captions) == " ".join(word.text for word in words)
    assert all(left.end_ms <= right.start_ms for left, right in pairwise(captions))


@given(spoken_words())
def test_no_caption_spans_a_long_silence(words: list[Word]) -> None:
    starts = {caption.start_ms for caption in split_captions(words, 60)}
    for left, right in pairwise(words):
        if right.start_ms - left.end_ms >= MAX_SILENCE_MS:
            assert right.start_ms in starts


@given(spoken_words(), st.integers(1, 100))
def test_srt_parses_back_to_the_captions(words: list[Word], limit: int) -> None:
    captions = split_captions(words, limit)
    expected = [(caption.start_ms, caption.end_ms, caption.text) for caption in captions]
    assert parse_srt(render_srt(words, limit)) == expected


def test_many_words_without_a_sentence_are_cut_in_little_time() -> None:
    words = [Word("and", ms, ms + 1, 1.0) for ms in range(0, 60_000, 2)]
    began_s = time.process_time()
    captions = split_captions(words, 60_000)
    assert len(captions) == 2
    assert time.process_time() - began_s < 2  # it was 8, joined anew for every end
