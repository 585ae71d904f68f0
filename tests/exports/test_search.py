import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.errors import RequestInvalid
from earshot.exports.search import Match, parse_search_terms, search_words
from earshot.transcript.words import Word


def say(text: str, channel: int | None = None) -> list[Word]:
    return [
        Word(token, i * 300, i * 300 + 250, 0.9, None, channel)
        for i, token in enumerate(text.split())
    ]


def test_case_and_punctuation_do_not_count() -> None:
    words = say('Smoke rose. The smoke, "SMOKE!" Smoky.')
    assert search_words(words, ["smoke"]) == [
        Match("smoke", ((0, 250), (900, 1_150), (1_200, 1_450)), (0, 3, 4))
    ]


def test_a_phrase_spans_its_words_and_counts_from_its_first() -> None:
    (match,) = search_words(say("in New York, new york city"), ["New York"])
    assert match.spans_ms == ((300, 850), (900, 1_450))
    assert match.indexes == (1, 3)
    assert match.count == 2


def test_matches_come_in_the_order_of_the_request_without_those_never_said() -> None:
    matches = search_words(say("fire and ice"), ["ice", "21", "fire"])
    assert [match.text for match in matches] == ["ice", "fire"]


def test_a_term_asked_for_twice_is_counted_once() -> None:
    matches = search_words(say("ice"), ["Ice", "ice", "ice."])
    assert [(match.text, match.count) for match in matches] == [("Ice", 1)]


@pytest.mark.parametrize(
    ("text", "term", "count"),
    [
        ("a well-known man", "well known", 1),
        ("a well known man", "well-known", 1),
        ("a well-known man", "known", 0),
        ("it was 3.5 or 35", "35", 1),
        ("it was 3.5 or 35", "3.5", 1),
        ("it cost $1,000 or 40%", "1000", 1),
        ("it cost $1,000 or 40%", "40", 1),
        ("don\u2019t", "don't", 1),
        ("the cat", "he cat", 0),
        ("ha ha ha", "ha ha", 1),
        ("\u00c9t\u00e9", "\u00e9t\u00e9", 1),
    ],
)
def test_whole_words_are_found_as_they_are_said(text: str, term: str, count: int) -> None:
    assert sum(match.count for match in search_words(say(text), [term])) == count


def test_a_phrase_is_found_on_one_channel_only() -> None:
    words = [
        Word("new", 0, 200, 0.9, "1", 1),
        Word("old", 100, 300, 0.9, "2", 2),
        Word("york", 200, 400, 0.9, "1", 1),
    ]
    (match,) = search_words(words, ["new york", "new old"])
    assert (match.text, match.spans_ms, match.indexes) == ("new york", ((0, 400),), (0,))


def test_a_term_without_a_letter_or_digit_finds_nothing() -> None:
    assert search_words(say("so - what ?"), ["-", "?"]) == []


@given(st.lists(st.sampled_from(["ice", "Ice,", "fire", "(fire)", "21"]), max_size=40))
def test_counts_are_those_of_the_words_said(tokens: list[str]) -> None:
    words = say(" ".join(tokens))
    found = {match.text: match for match in search_words(words, ["ice", "fire", "21"])}
    for term in ("ice", "fire", "21"):
        expected = tuple(i for i, token in enumerate(tokens) if token.lower().strip("(),") == term)
        assert (found[term].indexes if term in found else ()) == expected


def test_terms_are_parsed_from_commas() -> None:
    assert parse_search_terms("ice,21, New York ,,5") == ("ice", "21", "New York", "5")


def test_terms_are_parsed_from_a_json_list() -> None:
    assert parse_search_terms('["foo","foo bar, baz", 5]') == ("foo", "foo bar, baz", "5")


@pytest.mark.parametrize("raw", ["", " , ", "[]", '["?"]'])
def test_nothing_to_search_for_is_refused(raw: str) -> None:
    with pytest.raises(RequestInvalid, match="at least one word or phrase"):
        parse_search_terms(raw)


@pytest.mark.parametrize("raw", ['["foo"', "[1, [2]]", "[true]", "[null]"])
def test_what_is_no_json_list_of_strings_is_refused(raw: str) -> None:
    with pytest.raises(RequestInvalid, match="JSON list"):
        parse_search_terms(raw)


def test_json_nested_beyond_all_reason_is_refused() -> None:
    with pytest.raises(RequestInvalid, match="JSON list"):
        parse_search_terms("[" * 100_000)


def test_a_phrase_of_six_words_is_refused() -> None:
    assert parse_search_terms("a b c d e") == ("a b c d e",)
    with pytest.raises(RequestInvalid, match="at most 5 words"):
        parse_search_terms("a b c d e f")


def test_a_phrase_longer_than_any_is_refused_before_it_is_read() -> None:
    # The accents of one letter are put in order by comparing each with all before it.
    with pytest.raises(RequestInvalid, match="at most 200 characters each"):
        parse_search_terms("fine,a" + "\u0301\u0316" * 1_000_000)
