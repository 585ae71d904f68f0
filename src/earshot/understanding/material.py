"""What a language model is given to read: sentences with their speakers, in parts that fit."""

from collections.abc import Sequence
from itertools import groupby

from earshot.transcript.sentences import Sentence

# About 4,000 tokens: half of the smallest window that is common among models people run themselves.
MAX_PART_CHARS = 16_000


def parts_of(sentences: Sequence[Sentence], max_chars: int = MAX_PART_CHARS) -> list[str]:
    """One line for what each speaker said in a row, with the speaker before it, if known.

    In parts of at most `max_chars`, cut between lines, and inside of longer ones.
    """
    return pack(_lines(sentences), max_chars)


def pack(lines: Sequence[str], max_chars: int = MAX_PART_CHARS) -> list[str]:
    """The lines in parts of at most `max_chars`, cut as above."""
    parts: list[str] = []
    for line in lines:
        for start in range(0, len(line), max_chars):
            piece = line[start : start + max_chars]
            if parts and len(parts[-1]) + 1 + len(piece) <= max_chars:
                parts[-1] += f"\n{piece}"
            else:
                parts.append(piece)
    return parts


def _lines(sentences: Sequence[Sentence]) -> list[str]:
    runs = groupby(sentences, key=lambda one: (one.speaker, one.channel))
    return [
        _prefix(speaker, channel) + " ".join(one.text for one in run)
        for (speaker, channel), run in runs
    ]


def _prefix(speaker: str | None, channel: int | None) -> str:
    if speaker is not None:
        return f"Speaker {speaker}: "
    return "" if channel is None else f"Channel {channel}: "
