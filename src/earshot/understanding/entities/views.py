"""Ways to follow a conversation: all words in their order, and each voice for itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from earshot.transcript.words import Word


@dataclass(frozen=True, slots=True)
class View:
    """Some of the words of a recording, by index."""

    indices: tuple[int, ...]
    is_one_voice: bool


def views_of(words: Sequence[Word]) -> list[View]:
    """All words, then those of each channel and speaker, where there are several.

    A number that one side dictates is interrupted by the other, and a question of one side
    announces what the other answers: no view alone shows both.
    """
    voices: dict[tuple[int | None, str | None], list[int]] = {}
    for index, word in enumerate(words):
        voices.setdefault((word.channel, word.speaker), []).append(index)
    whole = View(tuple(range(len(words))), is_one_voice=len(voices) < 2)
    if whole.is_one_voice:
        return [whole]
    return [whole, *(View(tuple(indices), is_one_voice=True) for indices in voices.values())]
