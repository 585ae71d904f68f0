"""Words without capitals."""

from collections.abc import Sequence
from dataclasses import replace

from earshot.transcript.words import Word


def lower_case(words: Sequence[Word]) -> list[Word]:
    """The same words in lower case, sentence starts and names too."""
    return [
        word if word.text == word.text.lower() else replace(word, text=word.text.lower())
        for word in words
    ]
