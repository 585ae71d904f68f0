import time

import pytest

from earshot.formatting.spelling import apply_spelling, heard_sources
from earshot.transcript.options import SpellingRule
from earshot.transcript.words import Word

RULES = (
    SpellingRule(("Decarlo", "de carlo"), "DeCarlo"),
    SpellingRule(("sequel",), "SQL"),
    SpellingRule(("c plus plus",), "C++"),
    SpellingRule(("data dog",), "Datadog"),
    SpellingRule(("dog",), "Hund"),
)


def say(text: str) -> list[Word]:
    return [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Use Sequel.", "Use SQL."),
        ("use SEQUEL, then", "use SQL, then"),
        ('a "sequel"?', 'a "SQL"?'),
        ("the sequels", "the sequels"),
        ("de Carlo's house", "DeCarlo's house"),
        ("decarlo\u2019s", "DeCarlo\u2019s"),
        ("C plus plus.", "C++."),
        ("data dog data-dog dog", "Datadog Datadog Hund"),
        ("data, dog", "data, Hund"),
        ("data", "data"),
        ("", ""),
    ],
)
def test_what_is_heard_is_written_the_customers_way(heard: str, written: str) -> None:
    assert " ".join(word.text for word in apply_spelling(say(heard), RULES)) == written


def test_words_that_become_one_merge_their_times_and_mean_their_confidence() -> None:
    words = [Word("de", 100, 300, 0.4, "A", 1), Word("Carlo", 350, 700, 0.8, "A", 1)]
    (word,) = apply_spelling(words, RULES)
    assert (word.text, word.start_ms, word.end_ms) == ("DeCarlo", 100, 700)
    assert word.confidence == pytest.approx(0.6)
    assert (word.speaker, word.channel) == ("A", 1)


def test_words_of_two_speakers_do_not_become_one() -> None:
    words = [Word("de", 100, 300, 0.4, "A"), Word("Carlo", 350, 700, 0.8, "B")]
    assert apply_spelling(words, RULES) == words


def test_a_replacement_is_not_replaced_again() -> None:
    rules = (SpellingRule(("a",), "b"), SpellingRule(("b",), "a"))
    assert [word.text for word in apply_spelling(say("a b"), rules)] == ["b", "a"]


def test_the_first_rule_wins_for_the_same_source() -> None:
    rules = (SpellingRule(("x",), "first"), SpellingRule(("X",), "second"))
    assert [word.text for word in apply_spelling(say("x"), rules)] == ["first"]


def test_a_blank_source_matches_nothing() -> None:
    words = say("a b")
    assert apply_spelling(words, (SpellingRule(("", " "), "x"),)) == words


def test_the_words_that_would_be_replaced_are_known_beforehand() -> None:
    assert heard_sources(say("my data dog eats data"), RULES) == {1, 2}
    assert heard_sources(say("my cat"), RULES) == frozenset()
    assert heard_sources(say("my dog"), ()) == frozenset()


def test_sources_longer_than_anybody_speaks_cost_nothing() -> None:
    words = say("a " * 600)
    rules = (SpellingRule(("a " * 300 + "b", "a a b"), "x"),)
    began_s = time.thread_time()
    assert apply_spelling(words, rules) == words
    assert heard_sources(words, rules) == frozenset()
    assert time.thread_time() - began_s < 5
