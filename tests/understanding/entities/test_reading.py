"""Words as one line in which what was said stands as written."""

import pytest

from earshot.understanding.entities.reading import read_words
from tests.understanding.saying import say


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("four one dash one", "4 1-1"),
        ("jane at example dot com.", "jane@example.com."),
        ("j a n e dot d o e at b l u e sky dot co dot uk", "jane.doe@bluesky.co.uk"),
        ("double u double u double u dot example dot org", "www.example.org"),
        ("https://double u double u double u.example.com now", "https://www.example.com now"),
        ("one nine two dot one six eight dot zero dot one", "1 9 2.1 6 8.0.1"),
        ("at five thirty p m today", "at 5 30 pm today"),
        ("four, um, one, uh-huh, two", "4, 1, 2"),
        ("it is d 855-567-8052 here", "it is d855-567-8052 here"),
        ("five four two i think", "5 4 2 i think"),
        ("a four by four", "a 4 by 4"),
        ("twenty-five and double oh seven", "25 and 00 7"),
    ],
)
def test_what_is_said_reads_as_it_is_written(said: str, read: str) -> None:
    assert read_words(say(said)).text == read


def test_every_character_knows_its_words() -> None:
    reading = read_words(say("call forty one now"))
    start = reading.text.index("41")
    assert reading.words_of(start, start + 2) == (1, 3)
    assert len(reading.owners) == len(reading.text)


def test_no_words_make_an_empty_line() -> None:
    assert read_words(()).text == ""


def test_pauses_end_and_their_words_stay_where_they_are_too_many() -> None:
    assert read_words(say("four go ahead one got it two")).text == "4 1 2"
    many = "okay " * 30
    assert read_words(say(f"four {many}five")).text == f"4 {many}5"
