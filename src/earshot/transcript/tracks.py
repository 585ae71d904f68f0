"""Words track by track: what happens on one channel says nothing about another."""

from collections.abc import Sequence

from earshot.transcript.words import Word


def split_by_channel(words: Sequence[Word]) -> list[list[Word]]:
    """The words of each channel in their own order; channels in order of first appearance."""
    tracks: dict[int | None, list[Word]] = {}
    for word in words:
        tracks.setdefault(word.channel, []).append(word)
    return list(tracks.values())


def silence_before_ms(words: Sequence[Word], index: int) -> int:
    """How long nothing was said before the word at `index`; 0 before the first."""
    return max(0, words[index].start_ms - words[index - 1].end_ms) if index > 0 else 0
