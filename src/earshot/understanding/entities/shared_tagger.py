"""One reading of a transcript by a tagger, for all who want to know what it found."""

from collections.abc import Sequence

from earshot.transcript.words import Word
from earshot.understanding.entities.candidates import Tagged, Tagger


class SharedTagger:
    """A tagger for one transcript, which reads the same words once; for one thread.

    Whoever hides names and whoever tells them ask the same of the same words.
    """

    def __init__(self, tagger: Tagger) -> None:
        self._tagger = tagger
        self._found: dict[tuple[Word, ...], tuple[Tagged, ...]] = {}

    def tag(self, words: Sequence[Word]) -> tuple[Tagged, ...]:
        key = tuple(words)
        if key not in self._found:
            self._found[key] = tuple(self._tagger.tag(words))
        return self._found[key]
