import pytest

from earshot.transcript.words import Word
from earshot.understanding.feature import FinishedTranscript

WORDS = (Word("Well", 0, 200, 0.9), Word("said.", 200, 400, 0.9), Word("Yes.", 500, 700, 0.9))


def test_sentences_are_those_of_the_words() -> None:
    transcript = FinishedTranscript(WORDS, "en_us")
    assert [sentence.text for sentence in transcript.sentences] == ["Well said.", "Yes."]


@pytest.mark.parametrize(
    ("code", "is_english"), [("en", True), ("en_uk", True), ("es", False), ("eno", False)]
)
def test_every_kind_of_english_is_english(code: str, is_english: bool) -> None:
    assert FinishedTranscript((), code).is_english is is_english
