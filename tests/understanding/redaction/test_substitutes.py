"""What stands for a hidden word."""

import pytest

from earshot.transcript.options import RedactionSubstitution
from earshot.transcript.words import Word
from earshot.understanding.redaction.substitutes import hide_word, is_hidden


@pytest.mark.parametrize("substitution", ["hash", "entity_name"])
@pytest.mark.parametrize("text", ["Jane", '("Jane",', "555-0143.", "O'Brien's!", "[x]", "..."])
@pytest.mark.parametrize("label", ["person_name", "Project-X1", "b2b"])
def test_whatever_is_hidden_is_known_for_it(
    substitution: RedactionSubstitution, text: str, label: str
) -> None:
    hidden = hide_word(Word(text, 0, 1, 1.0), label, substitution)
    assert is_hidden(hidden.text)
    assert not any(letter in hidden.text for letter in "anebr0543")


@pytest.mark.parametrize("text", ["C#", "#1", "[sic]", "Jane", "...", "", "A"])
def test_what_was_said_is_not_taken_for_hidden(text: str) -> None:
    assert not is_hidden(text)


def test_the_length_and_the_marks_stay() -> None:
    assert hide_word(Word("(Jane),", 0, 1, 1.0), "x", "hash").text == "(####),"
    assert hide_word(Word("(Jane),", 0, 1, 1.0), "x", "entity_name").text == "([X]),"
