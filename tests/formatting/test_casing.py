from earshot.formatting.casing import lower_case
from earshot.transcript.words import Word


def test_sentence_starts_names_and_acronyms_become_lower_case() -> None:
    words = [Word("I", 0, 100, 0.9), Word("met", 100, 200, 0.9), Word("NASA's", 200, 300, 0.9)]
    assert [word.text for word in lower_case(words)] == ["i", "met", "nasa's"]


def test_only_the_text_changes() -> None:
    assert lower_case([Word("\u00c9t\u00e9", 5, 9, 0.5, "A", 2)]) == [
        Word("\u00e9t\u00e9", 5, 9, 0.5, "A", 2)
    ]
