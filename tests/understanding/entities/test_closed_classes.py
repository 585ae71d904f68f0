"""Words of closed classes."""

from importlib.resources import files

import pytest

from earshot.understanding.entities.closed_classes import find_terms, read_lexicon, suspect_terms
from tests.understanding.saying import found_by


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("we speak Spanish here", ("language", "Spanish")),
        ("mandarin is hard", ("language", "mandarin")),
        ("the ecuadoreans came", ("nationality", "ecuadoreans")),
        ("she is Jewish now", ("religion", "Jewish")),
        ("a libertarian at heart", ("political_affiliation", "libertarian")),
        ("a non binary person", ("gender_sexuality", "non binary")),
        ("my ex-wife called", ("marital_status", "ex-wife")),
        ("he is single and happy", ("marital_status", "single")),
        ("she is a taurus", ("zodiac_sign", "taurus")),
        ("my sign is cancer", ("zodiac_sign", "cancer")),
        ("AB positive it is", ("blood_type", "AB positive")),
        ("his blood type is O- ok", ("blood_type", "O-")),
    ],
)
def test_each_class_is_found(text: str, found: tuple[str, str]) -> None:
    assert found in found_by(find_terms, text)


@pytest.mark.parametrize(
    "text",
    [
        "she has cancer now",
        "a positive answer",
        "a single file",
        "polish the shoes",
        "a conservative estimate",
        "trans fats are bad",
        "i mean, o- obviously",
    ],
)
def test_the_same_words_meant_otherwise_are_not(text: str) -> None:
    assert found_by(find_terms, text) == []


def test_lists_say_where_they_are_from_and_our_own_are_sorted() -> None:
    folder = files("earshot.understanding.entities") / "lexicons"
    lists = [entry for entry in folder.iterdir() if entry.name.endswith(".txt")]
    assert len(lists) == 18
    for entry in lists:
        lines = entry.read_text(encoding="utf-8").splitlines()
        told = " ".join(line for line in lines if line.startswith("#"))
        terms = [line for line in lines if not line.startswith("#")]
        assert any(source in told for source in ("Written for Earshot", "census", "GeoNames"))
        assert len(set(terms)) == len(terms)
        assert all(term == term.lower().strip() for term in terms)
        if "Written for Earshot" in told:  # the others have the commonest first
            assert terms == sorted(terms)


def test_longer_terms_come_first() -> None:
    lengths = [len(term) for term in read_lexicon("languages.txt")]
    assert lengths == sorted(lengths, reverse=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("we have been single single now", ("marital_status", "single")),
        ("his blood type is 4 5 o negative", ("blood_type", "0 negative")),
    ],
)
def test_words_are_suspected_by_what_is_said_before(text: str, found: tuple[str, str]) -> None:
    assert found in found_by(suspect_terms, text)


def test_the_same_words_without_it_are_not_suspected() -> None:
    assert found_by(suspect_terms, "a positive answer in a single file") == []
