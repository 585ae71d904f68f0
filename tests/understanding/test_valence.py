from importlib.resources import files

import pytest

from earshot.understanding.valence import (
    OWN_RATING,
    Lexicon,
    load_lexicon,
    valence_of,
    words_of_feeling,
)

MAX_FILE_BYTES = 100_000


def of(text: str) -> float:
    return sum(valence_of(text).words)


def test_the_lexicon_that_comes_with_the_package_is_small_and_has_its_licence() -> None:
    text = (files("earshot.understanding") / "lexicons" / "vader.txt").read_text(encoding="utf-8")
    assert len(text.encode()) <= MAX_FILE_BYTES
    assert "The MIT License (MIT)" in text
    assert "Copyright (c) 2016 C.J. Hutto" in text
    assert len(load_lexicon().ratings) > 7000
    assert all(-4 <= rating <= 4 for rating in load_lexicon().ratings.values())


def test_lines_are_entries_after_their_rating_or_what_they_do_to_others() -> None:
    lexicon = Lexicon.of_lines(["# no entry", "1.9\tgood\t:)", "-2\tfed up", "stronger\tvery"])
    assert lexicon.ratings == {"good": 1.9, ":)": 1.9, "fed up": -2}
    assert lexicon.stress["very"] > 0
    assert lexicon.phrase_starts == {"fed"}
    assert lexicon.knows("very")
    assert not lexicon.knows("no entry")


def test_ratings_are_those_of_the_lexicon_whatever_the_marks_and_letters() -> None:
    assert of("good") == pytest.approx(1.9)
    for text in ("Good.", '"good,"', "(good)", "GOOD", "it is good...and red"):
        assert of(text) == pytest.approx(1.9), text
    assert of("") == of("the table is red") == 0


def test_every_negation_in_the_three_words_before_turns_a_rating_round() -> None:
    good = of("good")
    for text in (
        "not good",
        "it isn't good",
        "it isn't good".replace("'", ""),
        "it isn\u2019t a very good",
    ):
        assert of(text) < 0, text
    assert of("not good") == pytest.approx(-0.74 * good)
    assert of("not a bit of it was good") == pytest.approx(good)
    assert of("never so good") > 0
    assert of("without a doubt it is good") > good
    assert of("least good") < 0 < of("at least good")


def test_what_is_empty_in_talk_is_rated_as_nothing_and_no_negates() -> None:
    for text in ("well", "Yeah, okay.", "sure it is red", "no"):
        assert of(text) == 0, text
    assert of("no problem") > 0 > of("a problem")


def test_words_of_our_own_are_rated_where_vader_does_not_know_them() -> None:
    ratings = load_lexicon().ratings
    unknown = [word for word in words_of_feeling() if abs(ratings.get(word, 0)) == OWN_RATING]
    assert len(unknown) > 300
    assert all((ratings[word] > 0) == bool(words_of_feeling()[word]) for word in ("witty", "bleak"))


def test_words_of_degree_stress_or_weaken_what_they_stand_before() -> None:
    assert of("slightly good") < of("kind of good") + 1e-6 < of("good") < of("very good")
    assert of("very bad") < of("bad") < of("slightly bad")
    assert of("very old good") == pytest.approx(of("good") + 0.95 * 0.293)


def test_a_word_in_capitals_counts_more_where_others_are_not() -> None:
    assert of("this is GOOD") > of("this is good") == of("THIS IS GOOD")


def test_what_follows_but_counts_more_than_what_precedes_it() -> None:
    assert of("good but bad") == pytest.approx(of("good") / 2 + of("bad") * 1.5)


def test_phrases_and_emoticons_are_one_word_each() -> None:
    assert of("I am fed up") == pytest.approx(load_lexicon().ratings["fed up"])
    assert of("yeah right") < 0 == of("yeah")
    assert of("home :)") == of("home :)!") == pytest.approx(load_lexicon().ratings[":)"])


def test_numbers_are_rated_as_nothing() -> None:
    assert of("bus 187 or 86") == 0


def test_compound_is_between_bounds_and_grows_with_exclamation_marks() -> None:
    assert valence_of("").compound == 0
    assert 0 < valence_of("good").compound < valence_of("good!!").compound < 1
    assert valence_of("bad!!!!").compound == valence_of("bad!!!!!!").compound
    assert -1 < valence_of("bad!!!!").compound < valence_of("bad").compound < 0
    mixed = valence_of("bad and good")
    assert mixed.good == pytest.approx(of("good"))
    assert mixed.bad == pytest.approx(-of("bad"))
