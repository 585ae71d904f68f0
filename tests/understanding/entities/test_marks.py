"""Marks that were said by name."""

import pytest

from earshot.understanding.entities.marks import end_of_label, is_domain_ahead, read_mark
from earshot.understanding.entities.tokens import split_tokens
from tests.understanding.saying import say


@pytest.mark.parametrize(
    ("said", "mark"),
    [
        ("jane dot doe", "."),
        ("four dash one", "-"),
        ("a colon b", ":"),
        ("com slash help", "/"),
        ("jane underscore doe", "_"),
        ("jane at example dot com", "@"),
        ("one point five", "."),
        ("fe80 colon colon one", ":"),
        ("db8 colon 12a4 colon", ":"),
    ],
)
def test_a_mark_between_two_things_is_read(said: str, mark: str) -> None:
    found = read_mark(split_tokens(say(said)), 1)
    assert found is not None
    assert found.text == mark


@pytest.mark.parametrize(
    "said", ["meet at noon today", "the dot there", "a dash of", "good point is"]
)
def test_the_same_words_in_a_sentence_are_words(said: str) -> None:
    assert read_mark(split_tokens(say(said)), 1) is None


def test_two_colons_in_a_row_are_both_read() -> None:
    tokens = split_tokens(say("fe80 colon colon one"))
    assert [mark and mark.text for mark in (read_mark(tokens, i) for i in range(4))] == [
        None,
        ":",
        ":",
        None,
    ]


def test_a_host_name_ends_with_a_top_domain() -> None:
    assert is_domain_ahead(split_tokens(say("mail dot example dot c o m")), 0)
    assert is_domain_ahead(split_tokens(say("example.com")), 0)
    assert not is_domain_ahead(split_tokens(say("noon dot then we go")), 0)


def test_a_label_reaches_to_its_dot_and_a_written_host_has_none() -> None:
    assert end_of_label(split_tokens(say("blue sky dot com")), 0) == 2
    assert end_of_label(split_tokens(say("example.com for a long period")), 0) == 0
