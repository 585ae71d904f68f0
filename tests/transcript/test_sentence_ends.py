import pytest

from earshot.transcript.sentence_ends import SENTENCE_PAUSE_MS, ends_sentence, is_cased
from earshot.transcript.words import Word


def ends_after_first(first: str, second: str, *, pause_ms: int = 20, cased: bool = True) -> bool:
    words = [Word(first, 0, 300, 0.9), Word(second, 300 + pause_ms, 900, 0.9)]
    return ends_sentence(words, 0, cased=cased)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("done.", "Then"),
        ("done?", "Then"),
        ("done!", "then"),
        ('done."', "Then"),
        ("(done.)", "Then"),
        ("$3.50.", "Then"),
        ("3.", "Then"),
        ("I.", "Then"),
        ("U.S.", "The"),
        ("etc.", "But"),
        ("No.", "I"),
        ("and...", "Then"),
        ("and\u2026", "Then"),
        ("sun.", "Bob"),
    ],
)
def test_a_closing_mark_ends_a_sentence(first: str, second: str) -> None:
    assert ends_after_first(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Mr.", "Smith"),
        ("Dr.", "The"),
        ("U.S.", "Government"),
        ("p.m.", "Monday"),
        ("J.", "Rowling"),
        ("e.g.", "The"),
        ("No.", "5"),
        ("Inc.", "announced"),
        ("and...", "then"),
        ('"Really?"', "he"),
        ('"Go."', "she"),
        ("3.5", "Then"),
        ("word", "Then"),
        ("word,", "Then"),
    ],
)
def test_a_mark_that_belongs_to_the_word_ends_no_sentence(first: str, second: str) -> None:
    assert not ends_after_first(first, second)


def test_a_pause_settles_a_doubtful_full_stop_before_a_name() -> None:
    assert ends_after_first("U.S.", "Government", pause_ms=SENTENCE_PAUSE_MS)


def test_without_capitals_a_plain_full_stop_still_ends_a_sentence() -> None:
    assert ends_after_first("done.", "then", cased=False)


@pytest.mark.parametrize("text", ["u.s.", "and..."])
def test_without_capitals_only_a_pause_settles_a_doubtful_mark(text: str) -> None:
    assert not ends_after_first(text, "then", cased=False)
    assert ends_after_first(text, "then", cased=False, pause_ms=SENTENCE_PAUSE_MS)


def test_the_last_word_ends_a_sentence_whatever_it_is() -> None:
    assert ends_sentence([Word("Mr.", 0, 300, 0.9)], 0, cased=True)


def test_text_is_cased_as_soon_as_one_word_has_a_capital() -> None:
    assert is_cased([Word("go", 0, 1, 0.9), Word("iPhone", 1, 2, 0.9)])
    assert not is_cased([Word("go", 0, 1, 0.9), Word("5", 1, 2, 0.9)])
