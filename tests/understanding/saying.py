"""Sentences as timed words, for the tests of this folder."""

from earshot.transcript.words import Word
from earshot.understanding.entities.candidates import Finder
from earshot.understanding.entities.reading import read_words

WORD_MS = 300


def say(text: str) -> tuple[Word, ...]:
    return tuple(
        Word(part, i * WORD_MS, (i + 1) * WORD_MS, 0.9) for i, part in enumerate(text.split())
    )


def found_by(finder: Finder, text: str) -> list[tuple[str, str]]:
    """Type and text, as it is read, of every candidate."""
    reading = read_words(say(text))
    return [(c.entity_type, reading.text[c.start : c.end]) for c in finder(reading)]
